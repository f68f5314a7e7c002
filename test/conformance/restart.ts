import { describe, expect, it } from 'vitest';
import { type Lab, type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';

/** Makes a place for data; each call of what it returns opens a store on it. */
export type CreateRestartable = () => StoreFactory;

type Define = (builder: LabBuilder) => void;

const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';

/** A counter with an event; what is beside it is for `more` to say. */
function cell(more: (builder: LabBuilder) => object = () => ({})): Define {
  return (builder) => {
    const Cell = builder.state('Cell', {
      vars: (t) => ({ n: t.int({ default: 0 }) }),
      ...more(builder),
    });
    // What `more` says of the vars is not in the type.
    Cell.event('increment').resolve((s) => {
      (s as { n: number }).n += 1;
    });
  };
}

/** A counter with a var that was an Int, and is a String then. */
function typed(type: 'int' | 'string', more: object = {}): Define {
  return cell(() => ({
    // biome-ignore lint/suspicious/noExplicitAny: the vars are of a test's making.
    vars: (t: any) => ({
      n: t.int({ default: 0 }),
      value: type === 'int' ? t.int({ default: 7 }) : t.string({ default: 'seven' }),
    }),
    ...more,
  }));
}

/** One lab after the other on the same data. */
async function runInTurn(
  createRestartable: CreateRestartable,
  ...turns: [Define, (lab: Lab) => Promise<void>][]
): Promise<void> {
  const open = createRestartable();
  for (const [define, use] of turns) {
    const lab = await startLab(open, define);
    await use(lab);
    await lab.client.close();
    await lab.server.close();
  }
}

const incrementOnce = async ({ client }: Lab) => {
  await client.run(increment);
};

export function restartTests(createRestartable: CreateRestartable): void {
  describe('after a restart', () => {
    it('a state goes on where it was: 42, and one more is 43 (32)', async () => {
      await runInTurn(
        createRestartable,
        [
          cell(),
          async ({ client }) => {
            for (let i = 0; i < 42; i += 1) await client.run(increment);
          },
        ],
        [
          cell(),
          async ({ client }) => {
            expect(await client.run('{ cell(token: "T") { n version } }')).toEqual({
              n: 42,
              version: 42,
            });
            expect(await client.run(increment)).toEqual({ version: 43, state: { n: 43 } });
          },
        ],
      );
    });

    it('values of every kind are what they were, backend vars and computed vars too', async () => {
      const seen: unknown[] = [];
      const define: Define = (builder) => {
        const Bag = builder.state('Bag', {
          vars: (t) => ({ text: t.string({ default: '' }) }),
          backend: () => ({
            at: new Date(0),
            map: new Map<string | bigint, unknown>(),
            set: new Set<unknown>(),
            big: 0n,
            rows: [] as unknown[],
            none: null as unknown,
          }),
          computed: (t) => ({ length: t.int({ resolve: (s) => s.text.length }) }),
        });
        Bag.event('fill').resolve((s) => {
          s.text = 'ü😀';
          s.at = new Date(1_700_000_000_123);
          s.map.set('b', [1, new Map([[true, 1]])]).set(2n ** 70n, { deep: new Set(['x']) });
          s.set.add(-5n).add(new Date(-1));
          s.big = -(2n ** 65n);
          s.rows = [{ a: 1.5, b: null }, [], { '': { list: [[0]] } }];
        });
        Bag.event('look').resolve((s) => {
          const { at, map, set, big, rows, none, length } = s;
          seen.push(structuredClone([at.getTime(), [...map].length, [...set].length]));
          seen.push([...map.keys()], big, JSON.stringify(rows), none, length);
          seen.push(s.at instanceof Date, map.get('b'), [...set].at(1));
          // Still drafts of the state, and nothing else.
          map.delete('b');
        });
      };
      const look = async ({ client }: Lab) => {
        const { version } = await client.run(
          'mutation { bagLook(token: "T") { version state { length text } } }',
        );
        expect(version).toBe(1);
      };
      await runInTurn(
        createRestartable,
        [
          define,
          async ({ client }) => {
            await client.run('mutation { bagFill(token: "T") { version } }');
          },
        ],
        [define, look],
      );
      expect(seen.slice(0, 7)).toEqual([
        [1_700_000_000_123, 2, 2],
        ['b', 2n ** 70n],
        -(2n ** 65n),
        '[{"a":1.5,"b":null},[],{"":{"list":[[0]]}}]',
        null,
        3,
        true,
      ]);
    });

    it('a cursor goes on without a gap', async () => {
      const watch = `subscription ($since: String) {
        cell(token: "T", since: $since) { version since reset cursor state { n } }
      }`;
      let cursor = '';
      await runInTurn(
        createRestartable,
        [
          cell(),
          async ({ client }) => {
            const subscription = client.subscribe(watch);
            for (let i = 0; i < 3; i += 1) await client.run(increment);
            cursor = (await subscription.take(3)).at(-1).cursor;
          },
        ],
        [
          cell(),
          async ({ client }) => {
            await client.run(increment);
            const diffs = await client.subscribe(watch, { since: cursor }).take(2);
            expect(diffs).toMatchObject([
              { version: 3, since: 2, reset: false, state: { n: 3 } },
              { version: 4, since: 3, reset: false, state: { n: 4 } },
            ]);
          },
        ],
      );
    });

    it('onLoad does not run again', async () => {
      const define: Define = (builder) => {
        builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) }).onLoad((s) => {
          s.n += 1;
        });
      };
      const watch = 'subscription { cell(token: "T") { state { n } } }';
      await runInTurn(
        createRestartable,
        [
          define,
          async ({ client }) => {
            await client.subscribe(watch).take(2);
          },
        ],
        [
          define,
          async ({ client }) => {
            expect(await client.subscribe(watch).next()).toEqual({ state: { n: 1 } });
            await client.run('{ cell(token: "T") { n } }');
            expect(await client.run('{ cell(token: "T") { n } }')).toEqual({ n: 1 });
          },
        ],
      );
    });
  });

  describe('after a change of its definition, a state', () => {
    it('has the defaults of new vars, in a commit like any other, and not what is gone (32)', async () => {
      const withVars = (names: readonly string[]): Define =>
        cell(() => ({
          // biome-ignore lint/suspicious/noExplicitAny: the vars are of a test's making.
          vars: (t: any) => ({
            n: t.int({ default: 0 }),
            ...Object.fromEntries(
              names.map((name) => [name, t.string({ default: `new ${name}` })]),
            ),
          }),
        }));
      let cursor = '';
      const watch = `subscription ($since: String) {
        cell(token: "T", since: $since) { version reset cursor changed }
      }`;
      await runInTurn(
        createRestartable,
        [
          withVars(['old']),
          async ({ client }) => {
            const subscription = client.subscribe(watch);
            await client.run(increment);
            cursor = (await subscription.take(2)).at(-1).cursor;
          },
        ],
        [
          withVars(['added']),
          async ({ client, logs }) => {
            expect(await client.run('{ cell(token: "T") { n version added } }')).toEqual({
              n: 1,
              version: 2,
              added: 'new added',
            });
            expect(await client.subscribe(watch, { since: cursor }).next()).toMatchObject({
              version: 2,
              reset: false,
              changed: ['ADDED'],
            });
            expect(logs.map(({ level, details }) => [level, details['dropped']])).toEqual([
              ['info', ['old']],
            ]);
          },
        ],
        [
          withVars(['old', 'added']),
          async ({ client }) => {
            const { data } = await client.result('{ cell(token: "T") { old added } }');
            expect(data).toEqual({ cell: { old: 'new old', added: 'new added' } });
          },
        ],
      );
    });

    it('that no longer fits is reset where it does not, with one warning (32)', async () => {
      await runInTurn(
        createRestartable,
        [typed('int'), incrementOnce],
        [
          typed('string'),
          async ({ client, logs, failures, app }) => {
            const states = Array.from({ length: 3 }, () =>
              client.run('{ cell(token: "T") { n value version } }'),
            );
            expect(await Promise.all(states)).toEqual(
              Array(3).fill({ n: 1, value: 'seven', version: 2 }),
            );
            expect(logs).toEqual([
              {
                level: 'warn',
                details: { key: app.keyOf('T'), state: 'Cell', reset: ['value'] },
                message: expect.stringContaining('Cell'),
              },
            ]);
            expect(failures).toEqual([]);
            expect(await client.run(increment)).toMatchObject({ version: 3 });
          },
        ],
      );
    });

    it('is migrated from all that is stored, also under another name', async () => {
      const seen: unknown[] = [];
      const named: Define = (builder) => {
        const Person = builder.state('Person', {
          vars: (t) => ({ name: t.string({ default: '' }), age: t.string({ default: '' }) }),
          backend: () => ({ tags: ['a'] }),
        });
        Person.event('set').resolve((s) => {
          s.name = 'Ada Lovelace';
          s.age = '36';
        });
      };
      const renamed: Define = (builder) => {
        builder.state('Person', {
          vars: (t) => ({
            first: t.string({ default: '' }),
            last: t.string({ default: '' }),
            age: t.int({ default: 0 }),
          }),
          backend: () => ({ tags: ['b'], seen: 0 }),
          migrate(stored) {
            seen.push(stored);
            const [first = '', last = ''] = String(stored['name']).split(' ');
            return { first, last, age: Number(stored['age']) };
          },
        });
      };
      const read = '{ person(token: "T") { first last age version } }';
      const ada = { first: 'Ada', last: 'Lovelace', age: 36, version: 2 };
      await runInTurn(
        createRestartable,
        [
          named,
          async ({ client }) => {
            await client.run('mutation { personSet(token: "T") { version } }');
          },
        ],
        [
          renamed,
          async ({ client, logs }) => {
            expect(await client.run(read)).toEqual(ada);
            expect(logs.map(({ level, details }) => [level, details['dropped']])).toEqual([
              ['info', ['name']],
            ]);
          },
        ],
        [
          renamed,
          async ({ client }) => {
            expect(await client.run(read)).toEqual(ada);
          },
        ],
      );
      // Once: what fits is not migrated again.
      expect(seen).toEqual([{ name: 'Ada Lovelace', age: '36', tags: ['a'] }]);
    });

    const slips: Record<string, [migrate: () => unknown, reason: string]> = {
      throws: [
        () => {
          throw new Error('cannot');
        },
        'cannot',
      ],
      'makes a value of the wrong type': [() => ({ value: 1 }), '1 is not a String'],
      'has a slip of the pen': [() => ({ valeu: 'x' }), 'got valeu'],
      'makes nothing of it': [() => ({ value: undefined }), 'got undefined'],
      'forgets to return': [() => {}, 'Expected an object'],
      'is async': [async () => ({ value: 'x' }), 'Expected an object'],
    };

    it.each(Object.keys(slips))(
      'whose migration %s stays as it is, for one that is mended',
      async (what) => {
        const [migrate, reason] = slips[what] ?? [() => {}, ''];
        await runInTurn(
          createRestartable,
          [typed('int'), incrementOnce],
          [
            typed('string', { migrate }),
            async ({ app, client, logs }) => {
              const { errors } = await client.result('{ cell(token: "T") { n } }');
              expect(errors?.[0]?.extensions).toMatchObject({ code: 'MIGRATION_FAILED' });
              expect(await client.result(increment)).toMatchObject({ errors: [{}] });
              // Others are served.
              expect(await client.run('{ cell(token: "other") { n } }')).toEqual({ n: 0 });
              const [{ level, details } = {}] = logs;
              expect([level, details?.['key']]).toEqual(['error', app.keyOf('T')]);
              expect(details?.['err']).toHaveProperty(
                'cause.message',
                expect.stringContaining(reason),
              );
            },
          ],
          [
            typed('string', {
              migrate: ({ value }: { value: number }) => ({ value: `was ${value}` }),
            }),
            async ({ client }) => {
              expect(await client.run('{ cell(token: "T") { n value version } }')).toEqual({
                n: 1,
                value: 'was 7',
                version: 2,
              });
            },
          ],
        );
      },
    );

    it('has no commit for a computed var that is evaluated at every one anyway', async () => {
      let time = 0;
      const timed: Define = cell(() => ({
        // biome-ignore lint/suspicious/noExplicitAny: the vars are of a test's making.
        computed: (t: any) => ({
          time: t.int({
            cache: false,
            resolve: () => {
              time += 1;
              return time;
            },
          }),
        }),
      }));
      const read = async ({ client }: Lab) => {
        expect(await client.run('{ cell(token: "T") { version } }')).toEqual({ version: 1 });
      };
      await runInTurn(createRestartable, [timed, incrementOnce], [timed, read], [timed, read]);
    });

    it('has its computed vars evaluated again, and lets go of those that are gone', async () => {
      const withComputed = (computed: Record<string, (n: number) => number>): Define =>
        cell(() => ({
          // biome-ignore lint/suspicious/noExplicitAny: the vars are of a test's making.
          computed: (t: any) =>
            Object.fromEntries(
              Object.entries(computed).map(([name, resolve]) => [
                name,
                t.int({ resolve: (s: { n: number }) => resolve(s.n) }),
              ]),
            ),
        }));
      await runInTurn(
        createRestartable,
        [withComputed({ twice: (n) => 2 * n, gone: (n) => n }), incrementOnce],
        [
          withComputed({ twice: (n) => 20 * n, added: (n) => -n }),
          async ({ client }) => {
            expect(await client.run('{ cell(token: "T") { n twice added version } }')).toEqual({
              n: 1,
              twice: 20,
              added: -1,
              version: 2,
            });
          },
        ],
        [
          withComputed({ twice: (n) => 20 * n, added: (n) => -n }),
          async ({ client }) => {
            // Nothing has changed: no commit.
            expect(await client.run('{ cell(token: "T") { version } }')).toEqual({ version: 2 });
            expect(await client.run(increment)).toMatchObject({ version: 3 });
          },
        ],
      );
    });

    it('that the schema has no more is there again when it comes back', async () => {
      const other: Define = (builder) => {
        const Other = builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        Other.event('increment').resolve((s) => {
          s.n += 1;
        });
      };
      await runInTurn(
        createRestartable,
        [cell(), incrementOnce],
        [
          other,
          async ({ client }) => {
            await client.run('mutation { otherIncrement(token: "T") { version } }');
          },
        ],
        [
          cell(),
          async ({ client }) => {
            expect(await client.run('{ cell(token: "T") { n version } }')).toEqual({
              n: 1,
              version: 1,
            });
            expect(await client.run(increment)).toMatchObject({ version: 3 });
          },
        ],
      );
    });

    it('whose new default throws says so to whoever asks for it, and goes on when it is mended', async () => {
      let mended = true;
      const broken: Define = cell(() => ({
        // biome-ignore lint/suspicious/noExplicitAny: the vars are of a test's making.
        vars: (t: any) => ({
          n: t.int({ default: 0 }),
          late: t.int({
            default: () => {
              if (!mended) throw new Error('no default');
              return 3;
            },
          }),
        }),
      }));
      await runInTurn(
        createRestartable,
        [cell(), incrementOnce],
        [
          broken,
          async ({ client }) => {
            mended = false;
            const { errors } = await client.result('{ cell(token: "T") { n } }');
            expect(errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
            mended = true;
            expect(await client.run('{ cell(token: "T") { n late } }')).toEqual({ n: 1, late: 3 });
          },
        ],
      );
    });
  });
}
