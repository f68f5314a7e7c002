import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

export function taskFailureTests(createStore: StoreFactory): void {
  describe('tasks that throw', () => {
    const thrown = [
      undefined,
      null,
      'a string',
      Symbol('a symbol'),
      {
        toString(): string {
          throw new Error('no text');
        },
      },
      Object.create(null),
      {
        toJSON(): string {
          throw new Error('no JSON');
        },
      },
      {
        get message(): string {
          throw new Error('no message');
        },
      },
      new Proxy(new Error('an error'), {
        get: () => {
          throw new Error('no property');
        },
      }),
    ] as const;

    it.each([true, false])(
      'what is no Error are FAILED all the same (development: %s)',
      async (development) => {
        const exits: unknown[] = [];
        const { app, client, failures } = await startLab(
          createStore,
          (builder) => {
            const Cell = defineCell(builder);
            Cell.background('work', {
              args: (t) => ({ of: t.int({ required: true }) }),
              onExit: (s, { outcome, error }) => {
                exits.push(error);
                s.lines.push(outcome);
              },
            }).resolve(async (_self, { of }) => {
              throw thrown[of];
            });
            Cell.event('fail', { args: (t) => ({ of: t.int({ required: true }) }) }).resolve(
              (s, { of }) => {
                s.n = 99;
                throw thrown[of];
              },
            );
          },
          { development },
        );
        const token = app.issueToken();
        const work =
          'mutation ($token: ID!, $of: Int!) { cellWork(token: $token, of: $of) { id } }';
        const fail =
          'mutation ($token: ID!, $of: Int!) { cellFail(token: $token, of: $of) { version } }';
        for (const [of, value] of thrown.entries()) {
          failures.length = 0;
          exits.length = 0;
          const { id } = await client.run(work, { token, of });
          await noTask(app);
          const ended = await client.run(
            'query ($token: ID!, $id: ID!) { task(token: $token, id: $id) { status error { code message } } }',
            { token, id },
          );
          expect(ended).toEqual({
            status: 'FAILED',
            error: { code: 'INTERNAL_SERVER_ERROR', message: expect.any(String) },
          });
          if (!development) expect(ended.error.message).toBe('Unexpected error.');
          expect(failures.map(({ error }) => Object.is(error, value))).toEqual([true]);
          expect(exits.map((error) => Object.is(error, value))).toEqual([true]);
          const { errors } = await client.result(fail, { token, of });
          expect(errors).toHaveLength(1);
          expect(errors?.[0]?.extensions?.['code']).toBe('INTERNAL_SERVER_ERROR');
          if (!development) expect(errors?.[0]?.message).toBe('Unexpected error.');
          expect(failures.map(({ error }) => Object.is(error, value))).toEqual([true, true]);
        }
        const { n, lines } = await client.run(
          'query ($token: ID!) { cell(token: $token) { n lines } }',
          { token },
        );
        expect([n, lines]).toEqual([0, thrown.map(() => 'FAILED')]);
      },
    );
  });
}
