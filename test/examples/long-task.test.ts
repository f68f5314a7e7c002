import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../examples/long-task/parse-csv.ts';
import { startExamples } from './start-examples.ts';

interface TaskResult {
  readonly tasks: {
    readonly status: string;
    readonly progress: number | null;
    readonly message: string | null;
  };
}

const run =
  'mutation ($token: ID!, $rows: Int!) { csvImportRun(token: $token, rows: $rows) { id } }';
const clear = 'mutation ($token: ID!) { csvImportClear(token: $token) { state { total } } }';
const cancel = `mutation ($token: ID!, $id: ID!) {
  cancelTask(token: $token, id: $id) { status message }
}`;
const read = `query ($token: ID!) {
  csvImport(token: $token) { imported skipped total sum skips { reason rows } }
}`;
const watchTasks = `subscription ($token: ID!) {
  tasks(token: $token) { status progress message }
}`;

type Client = ReturnType<ReturnType<typeof startExamples>['client']>;

async function start(client: Client, rows: number): Promise<string> {
  const { csvImportRun } = await client.run<{ csvImportRun: { id: string } }>(run, { rows });
  return csvImportRun.id;
}

describe('the long-task example', () => {
  it('imports the rows that it can read, and counts the others by their reason', async () => {
    await using examples = startExamples();
    const client = examples.client();
    await start(client, 60);
    await examples.settled();
    expect(await client.run(read)).toEqual({
      csvImport: {
        imported: 53,
        skipped: 7,
        total: 60,
        sum: expect.any(Number),
        skips: [
          { reason: 'EMAIL', rows: 3 },
          { reason: 'AMOUNT', rows: 2 },
          { reason: 'COLUMNS', rows: 2 },
        ],
      },
    });
    const { csvImport } = await client.run<{
      csvImport: { sum: number; rows: { id: string; name: string; amount: number }[] };
    }>('query ($token: ID!) { csvImport(token: $token) { sum rows { id name email amount } } }');
    expect(csvImport.rows[0]).toEqual({
      id: '1',
      name: 'Hopper, "Amazing" Grace',
      email: 'grace.1@example.com',
      amount: 8_019,
    });
    expect(csvImport.sum).toBe(csvImport.rows.reduce((sum, { amount }) => sum + amount, 0));

    expect(await client.run(clear)).toEqual({ csvImportClear: { state: { total: 0 } } });
    expect(examples.failures).toEqual([]);
  });

  it('tells how far it is', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const tasks = client.subscribe<TaskResult>(watchTasks);
    await start(client, 60);
    const seen: TaskResult['tasks'][] = [];
    for (let step = 0; step < 4; step += 1) {
      seen.push(...(await tasks.pending()).map((result) => result.tasks));
      await examples.clock.advance(150);
    }
    await examples.settled();
    seen.push(...(await tasks.pending()).map((result) => result.tasks));
    const messages = new Set(seen.map(({ message }) => message ?? ''));
    expect([...messages].filter(Boolean)).toEqual([0, 20, 40, 60].map((n) => `${n} of 60 rows`));
    const progress = seen.map((task) => task.progress ?? 0);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ status: 'SUCCEEDED', progress: 1 });
  });

  it('refuses a second one while the first runs, and none after it', async () => {
    await using examples = startExamples();
    const client = examples.client();
    await start(client, 40);
    const { errors } = await client.execute(run, { rows: 40 });
    expect(errors).toMatchObject([{ extensions: { code: 'CONCURRENCY_LIMIT' } }]);
    await start(examples.client(), 40); // another token
    await examples.settled();
    await start(client, 20);
    await examples.settled();
    expect(await client.run(read)).toMatchObject({ csvImport: { total: 20 } });
  });

  it('cancelled in the middle, it imports nothing more, and keeps what it has', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const id = await start(client, 200);
    await examples.clock.advance(400);
    expect(await client.run(cancel, { id })).toEqual({
      cancelTask: { status: 'CANCELLED', message: '40 of 200 rows' },
    });
    await examples.settled();
    await examples.clock.advance(10_000);
    expect(await client.run(read)).toMatchObject({ csvImport: { total: 40 } });
    await start(client, 20);
    await examples.settled();
    expect(await client.run(read)).toMatchObject({ csvImport: { total: 20 } });
  });

  it('refuses a file of a size that makes no sense', async () => {
    await using examples = startExamples();
    const { errors } = await examples.client().execute(run, { rows: 0 });
    expect(errors).toMatchObject([
      { message: 'An import has 1 row or more.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});

describe('its parser', () => {
  it.each([
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a, b","c ""d"" e"', [['a, b', 'c "d" e']]],
    ['"a\nb",', [['a\nb', '']]],
    ['"",""""', [['', '"']]],
    ['', []],
  ])('reads %j', (text, records) => {
    expect([...parseCsv(text)]).toEqual(records);
  });
});
