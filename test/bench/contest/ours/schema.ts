import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { statewire } from 'statewire';
import { cellAt } from '../cell.ts';
import { firstTicks, tickMs, untilDue } from '../ticks.ts';

export interface Context {
  readonly user: boolean;
}

interface Row {
  readonly id: string;
  readonly text: string;
  done: boolean;
}

/** The contest's states, each of them for users only. */
export function defineOurs() {
  const builder = new SchemaBuilder<{ Context: Context; AuthScopes: { user: boolean } }>({
    plugins: [statewire(), ScopeAuthPlugin],
    // For each state once, not for each of its fields.
    scopeAuth: { authScopes: ({ user }) => ({ user }), runScopesOnType: true },
  });

  const Cell = builder.state('Cell', {
    authScopes: { user: true },
    vars: (t) => {
      const { n, label, ratio, on, count } = cellAt(0);
      return {
        n: t.int({ default: n }),
        label: t.string({ default: label }),
        ratio: t.float({ default: ratio }),
        on: t.boolean({ default: on }),
        count: t.int({ default: count }),
      };
    },
  });
  Cell.event('bump').resolve((s) => {
    const { n, label, ratio, on, count } = cellAt(s.n + 1);
    s.n = n;
    s.label = label;
    s.ratio = ratio;
    s.on = on;
    s.count = count;
  });

  const Row = builder.objectRef<Row>('Row').implement({
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      text: t.exposeString('text', { nullable: false }),
      done: t.exposeBoolean('done', { nullable: false }),
    }),
  });
  const Table = builder.state('Table', {
    authScopes: { user: true },
    vars: (t) => ({ rows: t.field({ type: [Row], key: 'id', default: [] }) }),
  });
  Table.event('fill', { args: (t) => ({ rows: t.int({ required: true }) }) }).resolve(
    (s, { rows }) => {
      s.rows = Array.from({ length: rows }, (_, id) => ({
        id: `${id}`,
        text: `row number ${id}`,
        done: false,
      }));
    },
  );
  let toggled = 0;
  Table.event('toggle').resolve((s) => {
    toggled += 7_919;
    const row = s.rows[toggled % s.rows.length];
    if (row) row.done = !row.done;
  });

  const Ticker = builder.state('Ticker', {
    authScopes: { user: true },
    vars: (t) => ({ due: t.float({ default: 0 }) }),
  });
  let ticking = false;
  let begin: (dueTimes: readonly number[]) => void = () => {};
  let begun: Promise<readonly number[]> = Promise.resolve([]);
  const tick = Ticker.background('tick', {
    internal: true,
    args: (t) => ({ index: t.int({ required: true }) }),
  }).resolve(async (self, { index }) => {
    let due = (await begun)[index] ?? 0;
    for (;;) {
      await self.sleep(untilDue(due));
      if (!ticking) return;
      const now = due;
      await self.modifyState((s) => {
        s.due = now;
      });
      due += tickMs;
    }
  });

  return {
    schema: builder.toSchema(),
    /** For each token the task that ticks, to be started: then they wait to begin. */
    ticksOf(tokens: number) {
      ticking = true;
      begun = new Promise((resolve) => {
        begin = resolve;
      });
      return Array.from({ length: tokens }, (_, index) => tick.with({ index }));
    },
    beginTicks(tokens: number): void {
      begin(firstTicks(tokens));
    },
    stopTicks(): void {
      ticking = false;
    },
  };
}
