import { createTestApp } from 'statewire/testing';
import { describe, expect, it } from 'vitest';
import { createBuilder, type LabContext } from '../support/lab.ts';

const read = 'query ($token: ID!) { cell(token: $token) { n by } }';
const watch = 'subscription ($token: ID!) { cell(token: $token) { state { n } } }';

function schemaOf(
  run: (self: { sleep(ms: number): Promise<void> }) => Promise<void> = async () => {},
) {
  const builder = createBuilder();
  const Cell = builder.state('Cell', {
    vars: (t) => ({ n: t.int({ default: 0 }), by: t.string({ default: '' }) }),
  });
  Cell.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
    (s, { by }, { user }) => {
      s.n += by;
      s.by = user ?? 'nobody';
    },
  );
  Cell.event('fail').resolve(() => {
    throw new Error('a secret');
  });
  Cell.event('slow').resolve(async (s) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    s.n += 1;
  });
  const work = Cell.background('work').resolve(async (self) => {
    await run(self);
    await self.modifyState((s) => {
      s.n += 1;
    });
  });
  Cell.event('twice').resolve(() => [work, work]);
  return builder.toSchema();
}

describe('a test app', () => {
  it('runs operations as a server does, with the token and the context of its client', async () => {
    await using test = createTestApp<LabContext>({ schema: schemaOf() });
    const ann = test.client({ context: { user: 'ann' } });
    const add = 'mutation ($token: ID!, $by: Int!) { cellAdd(token: $token, by: $by) { version } }';
    expect(await ann.run(add, { by: 2 })).toEqual({ cellAdd: { version: 1 } });
    expect(await ann.run(read)).toEqual({ cell: { n: 2, by: 'ann' } });
    expect(await test.client().run(read)).toEqual({ cell: { n: 0, by: '' } });
    const other = test.client({ token: ann.token, context: { user: 'bob' } });
    await other.run(add, { by: 1 });
    expect(await ann.run(read)).toEqual({ cell: { n: 3, by: 'bob' } });
  });

  it('gives errors with their codes, and collects what onError is told', async () => {
    await using test = createTestApp({ schema: schemaOf() });
    const client = test.client();
    const invalid = await client.execute('{ nothing }');
    expect(invalid.errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    const { errors } = await client.execute(
      'mutation ($token: ID!) { cellFail(token: $token) { version } }',
    );
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    await expect(client.run('{ nothing }')).rejects.toThrow(/Cannot query field "nothing"/);
    await expect(client.subscribe('subscription { nothing }').next()).rejects.toThrow(/nothing/);
    expect(test.failures.map(({ error }) => String(error))).toEqual(['Error: a secret']);
  });

  it('gives the results of a subscription one by one, and ends it with itself', async () => {
    const test = createTestApp<LabContext>({ schema: schemaOf() });
    const client = test.client();
    const subscription = client.subscribe<{ cell: { state: { n: number } } }>(watch);
    await client.run('mutation ($token: ID!) { cellAdd(token: $token, by: 1) { version } }');
    const [snapshot, diff] = await subscription.take(2);
    expect([snapshot?.cell.state.n, diff?.cell.state.n]).toEqual([0, 1]);
    const next = subscription.next();
    await test.close();
    expect((await next).done).toBe(true);
    expect(test.app.subscribers).toBe(0);
    await expect(subscription.take(1)).rejects.toThrow('Expected 1 results, got 0 and the end.');
  });

  it('advances its clock timer by timer, letting each run before the next', async () => {
    const times: number[] = [];
    await using test = createTestApp({
      schema: schemaOf(async (self) => {
        for (let i = 0; i < 3; i += 1) {
          await self.sleep(100);
          times.push(test.clock.now() - Date.UTC(2026, 0, 1));
        }
      }),
    });
    const client = test.client();
    await client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    await test.clock.advance(50);
    expect(times).toEqual([]);
    await test.clock.advance(150);
    expect(times).toEqual([100, 200]);
    await test.clock.advance(1_000);
    expect(times).toEqual([100, 200, 300]);
    expect(await client.run(read)).toMatchObject({ cell: { n: 1 } });
    expect(test.clock.now() - Date.UTC(2026, 0, 1)).toBe(1_200);
  });

  it('runs what is due at the same time in the order in which it was asked for', async () => {
    const order: number[] = [];
    let started = 0;
    await using test = createTestApp({
      schema: schemaOf(async (self) => {
        const mine = started;
        started += 1;
        await self.sleep(10);
        order.push(mine);
      }),
    });
    await test.client().run('mutation ($token: ID!) { cellTwice(token: $token) { version } }');
    await test.clock.advance(10);
    expect(order).toEqual([0, 1]);
  });

  it('holds graceMs on its clock: who is back by then was never gone', async () => {
    const builder = createBuilder();
    const Visit = builder.state('Visit', { vars: (t) => ({ log: t.stringList({ default: [] }) }) });
    Visit.onConnect((s) => void s.log.push('connect'));
    Visit.onDisconnect((s) => void s.log.push('disconnect'), { graceMs: 100 });
    await using test = createTestApp({ schema: builder.toSchema() });
    const client = test.client();
    const subscribe = async () => {
      const subscription = client.subscribe(
        'subscription ($token: ID!) { visit(token: $token) { version } }',
      );
      await subscription.next();
      return subscription;
    };
    const log = async () => {
      await test.settled();
      return client.run('query ($token: ID!) { visit(token: $token) { log } }');
    };
    const first = await subscribe();
    await first.return();
    await test.clock.advance(99);
    const second = await subscribe();
    await test.clock.advance(1_000);
    expect(await log()).toEqual({ visit: { log: ['connect'] } });
    await second.return();
    await test.clock.advance(99);
    expect(await log()).toEqual({ visit: { log: ['connect'] } });
    await test.clock.advance(1);
    expect(await log()).toEqual({ visit: { log: ['connect', 'disconnect'] } });
  });

  it('is settled when tasks, their sleeps and what they wait for outside are done', async () => {
    await using test = createTestApp({
      schema: schemaOf(async (self) => {
        await self.sleep(3_600_000);
        await new Promise((resolve) => setTimeout(resolve, 10));
        await self.sleep(3_600_000);
      }),
    });
    const client = test.client();
    const { cellTwice } = await client.run<{ cellTwice: { tasks: unknown[] } }>(
      'mutation ($token: ID!) { cellTwice(token: $token) { tasks { id } } }',
    );
    expect(cellTwice.tasks).toHaveLength(2);
    await test.settled();
    expect(test.app.backgroundTasks.size).toBe(0);
    expect(await client.run(read)).toMatchObject({ cell: { n: 2 } });
    await test.settled(); // nothing to wait for
  });

  it('holds the time-outs of locks on its clock, and moves none while a lock waits for the world', async () => {
    await using test = createTestApp({ schema: schemaOf(), limits: { maxHoldMs: 10 } });
    const client = test.client();
    const slow = client.execute('mutation ($token: ID!) { cellSlow(token: $token) { version } }');
    await test.settled();
    expect((await slow).errors).toBeUndefined();
  });

  it('has durable tasks wait for their next attempt on its clock, and is settled when they have ended', async () => {
    const builder = createBuilder();
    const attempts: number[] = [];
    builder
      .state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) })
      .background('work', { durable: { attempts: 3, backoffMs: 1_000 } })
      .resolve(async (self) => {
        attempts.push(self.attempt);
        await self.modifyState((s) => {
          s.n += 1;
          self.checkpoint(s.n);
        });
        await self.sleep(500);
        if (self.attempt < 3) throw new Error('not yet');
      });
    await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
    const client = test.client();
    await client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    await test.clock.advance(1_400);
    expect(attempts).toEqual([1]);
    await test.clock.advance(200);
    expect(attempts).toEqual([1, 2]);
    await test.settled();
    expect(attempts).toEqual([1, 2, 3]);
    expect(await client.run('query ($token: ID!) { cell(token: $token) { n } }')).toEqual({
      cell: { n: 3 },
    });
    expect(test.failures).toHaveLength(2);
  });

  it('says which tasks never end', async () => {
    await using test = createTestApp({
      schema: schemaOf(async (self) => {
        for (;;) await self.sleep(1);
      }),
    });
    await test.client().run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    await expect(test.settled()).rejects.toThrow(/10000 timers Cell\.work sleep/);
  });

  it('closes while tasks sleep, which then are cancelled', async () => {
    const test = createTestApp({ schema: schemaOf((self) => self.sleep(1_000)) });
    const client = test.client();
    await client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    const [task] = test.app.backgroundTasks;
    await test.close();
    expect(task?.status).toBe('CANCELLED');
    expect(test.app.backgroundTasks.size).toBe(0);
  });

  it('says what waits under a lock for time that does not pass', async () => {
    await using test = createTestApp({
      schema: schemaOf(),
      middleware: [() => new Promise<void>(() => {})],
    });
    void test.client().execute('mutation ($token: ID!) { cellSlow(token: $token) { version } }');
    await expect(test.settled()).rejects.toThrow(/for 3000 ms Cell\.slow wait/);
  });

  it('closes after what is at hand, and after what onExit leaves', async () => {
    const test = createTestApp({
      schema: schemaOf((self) => self.sleep(1_000)),
      limits: { maxHoldMs: 500, warnHoldMs: 400 },
    });
    const client = test.client();
    await client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    const slow = client.execute(
      'mutation ($token: ID!) { cellSlow(token: $token) { state { n } } }',
    );
    await new Promise(setImmediate);
    await test.close();
    expect((await slow).data).toEqual({ cellSlow: { state: { n: 1 } } });
  });

  it('never moves its clock back', async () => {
    await using test = createTestApp({ schema: schemaOf() });
    const start = test.clock.now();
    await Promise.all([test.clock.advance(100), test.clock.advance(50)]);
    expect(test.clock.now()).toBeGreaterThanOrEqual(start + 100);
    await expect(test.clock.advance(-1)).rejects.toThrow(RangeError);
  });

  it('gives what has come without waiting for more', async () => {
    await using test = createTestApp<LabContext>({ schema: schemaOf() });
    const client = test.client();
    const subscription = client.subscribe<{ cell: { state: { n: number } } }>(watch);
    const add = 'mutation ($token: ID!, $by: Int!) { cellAdd(token: $token, by: $by) { version } }';
    expect(await subscription.pending()).toEqual([{ cell: { state: { n: 0 } } }]);
    expect(await subscription.pending()).toEqual([]);
    await client.run(add, { by: 1 });
    await client.run(add, { by: 1 });
    expect(await subscription.pending()).toHaveLength(2);
    await client.run(add, { by: 1 });
    expect((await subscription.next()).value).toEqual({ cell: { state: { n: 3 } } });
  });

  it('refuses operations of another kind than the method is for', async () => {
    await using test = createTestApp<LabContext>({ schema: schemaOf() });
    const client = test.client();
    await expect(client.execute(watch)).rejects.toThrow(/got a subscription: use subscribe\(\)/);
    await expect(client.subscribe(read).next()).rejects.toThrow(/use run\(\)/);
    expect(test.app.subscribers).toBe(0);
  });
});
