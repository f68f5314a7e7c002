import { ImmutableStateError, type StateRef } from 'statewire';
import { describe, expect, it } from 'vitest';
import { createBuilder, type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

type Types = LabBuilder['$inferSchemaTypes'];

/** A mixin: vars that several states have, … */
const countVars = (t: Parameters<Parameters<LabBuilder['state']>[1]['vars']>[0]) => ({
  count: t.int({ default: 0 }),
});

/** … and events on each of them. */
function countEvents(
  State: StateRef<Types, { vars: { count: number }; backend: object; computed: object }>,
) {
  return {
    count: State.event('count').resolve((s) => {
      s.count += 1;
    }),
  };
}

export function structureTests(createStore: StoreFactory): void {
  describe('the structure of states', () => {
    it('a parent is at hand in events, tasks and views, under the same lock', async () => {
      const seen: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Game = builder.state('Game', {
          vars: (t) => ({ round: t.int({ default: 1 }) }),
          backend: () => ({ log: [] as string[] }),
        });
        const Board = builder.state('Board', {
          parent: Game,
          vars: (t) => ({ moves: t.intList({ default: [] }) }),
        });
        const Piece = builder.state('Piece', {
          parent: Board,
          vars: (t) => ({ at: t.int({ default: 0 }) }),
        });
        Piece.event('move').resolve((s) => {
          s.at += 1;
          s.parent.moves.push(s.at);
          s.parent.parent.round += 1;
          s.parent.parent.log.push('moved');
        });
        Piece.event('fail').resolve((s) => {
          s.parent.parent.round = 100;
          throw new Error('no');
        });
        Piece.background('watch').resolve(async (self) => {
          const { parent } = self;
          seen.push(parent.parent.round, [...parent.moves]);
          try {
            (parent.parent as { round: number }).round = 5;
          } catch (error) {
            seen.push(error instanceof ImmutableStateError);
          }
          await self.modifyState((s) => {
            s.parent.parent.round *= 10;
          });
          seen.push(self.parent.parent.round);
          const board = await self.getState(Board);
          seen.push(board.parent.round);
        });
      });
      const game = client.subscribe(
        'subscription { game(token: "T") { version state { round } } }',
      );
      await game.next();
      await client.run('mutation { pieceMove(token: "T") { version } }');
      expect(await game.next()).toEqual({ version: 1, state: { round: 2 } });
      expect(await client.run('{ board(token: "T") { moves version } }')).toEqual({
        moves: [1],
        version: 1,
      });
      await client.result('mutation { pieceFail(token: "T") { version } }');
      await client.run('mutation { pieceWatch(token: "T") { id } }');
      await noTask(app);
      expect(seen).toEqual([2, [1], true, 20, 20]);
      expect(await game.next()).toEqual({ version: 2, state: { round: 20 } });
    });

    it('mixins give several states the same vars and events', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Likes = builder.state('Likes', { vars: (t) => ({ ...countVars(t) }) });
        const Views = builder.state('Views', {
          vars: (t) => ({ ...countVars(t), page: t.string({ default: '/' }) }),
          backend: () => ({ secret: 1 }),
        });
        const likes = countEvents(Likes);
        countEvents(Views);
        Views.event('both').resolve((s) => {
          s.count += 10;
          return likes.count;
        });
      });
      await client.run('mutation { likesCount(token: "T") { version } }');
      await client.run('mutation { viewsCount(token: "T") { version } }');
      await client.run('mutation { viewsBoth(token: "T") { version } }');
      expect(await client.run('{ views(token: "T") { count page } }')).toEqual({
        count: 11,
        page: '/',
      });
      const likes = client.subscribe('subscription { likes(token: "T") { state { count } } }');
      await likes.takeUntil(({ state: { count } }) => count === 2);
    });

    it('states come on demand: getState gives one that nobody has asked for', async () => {
      let made = 0;
      const { client } = await startLab(createStore, (builder) => {
        const Late = builder.state('Late', {
          vars: (t) => ({
            seed: t.int({
              default: () => {
                made += 1;
                return made;
              },
            }),
          }),
        });
        const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        Cell.event('stay').resolve((s) => {
          s.n += 1;
        });
        Cell.event('reach').resolve(async (s) => {
          const late = await s.getState(Late);
          s.n = late.seed + 4;
          late.seed *= 100;
        });
      });
      made = 0; // once when the schema was built, to check the default
      await client.run('mutation { cellStay(token: "T") { version } }');
      expect(made).toBe(0);
      const reach = 'mutation { cellReach(token: "T") { version state { n } } }';
      expect(await client.run(reach)).toEqual({ version: 2, state: { n: 5 } });
      expect(await client.run('{ late(token: "T") { seed version } }')).toEqual({
        seed: 100,
        version: 2,
      });
      expect(made).toBe(1);
    });

    it('reset puts back all vars, or those that are named', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const Form = builder.state('Form', {
          vars: (t) => ({
            name: t.string({ default: 'n' }),
            tags: t.stringList({ default: ['t'] }),
          }),
          backend: () => ({ tries: 0 }),
          computed: (t) => ({ tried: t.int({ resolve: (s) => s.tries }) }),
        });
        Form.event('fill').resolve((s) => {
          s.name = 'filled';
          s.tags.push('u');
          s.tries = 3;
        });
        Form.event('resetSome').resolve((s) => s.reset('tags', 'tries'));
        Form.event('resetAll').resolve((s) => s.reset());
        Form.event('resetWrong').resolve((s) => {
          s.name = 'lost';
          (s.reset as (name: string) => void)('nmae');
        });
      });
      const run = (event: string) =>
        client.run(`mutation { form${event}(token: "T") { state { name tags tried } } }`);
      const filled = { name: 'filled', tags: ['t', 'u'], tried: 3 };
      expect(await run('Fill')).toEqual({ state: filled });
      expect(await run('ResetSome')).toEqual({ state: { ...filled, tags: ['t'], tried: 0 } });
      expect(
        (await client.result('mutation { formResetWrong(token: "T") { version } }')).errors,
      ).toHaveLength(1);
      expect(String(failures[0]?.error)).toContain('Expected a var of Form to reset, got "nmae"');
      expect(await run('ResetAll')).toEqual({ state: { name: 'n', tags: ['t'], tried: 0 } });
    });

    it('a state of another schema is refused, also if it has the same name', async () => {
      const { app } = await startLab(createStore, (builder) => {
        builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      });
      const Foreign = createBuilder().state('Cell', {
        vars: (t) => ({ n: t.int({ default: 0 }) }),
      });
      await expect(
        app.modifyState(Foreign, app.keyOf('T'), (s) => {
          s.n = 1;
        }),
      ).rejects.toThrow("Expected a state of the app's schema, got another Cell.");
    });
  });
}
