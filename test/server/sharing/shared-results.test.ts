import type { ExecutionResult } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Audience } from '../../../src/server/operation/shared-results.ts';
import { Deferred } from '../../support/deferred.ts';
import type { Result } from '../../support/socket-client.ts';
import { until } from '../../support/until.ts';
import { executesAll, freezeDeeply } from '../execution/compare.ts';
import { byRole, openShop, type Role, roles, type Shop } from './open-shop.ts';
import { allHave, differentResults, type Watcher } from './watcher.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** From now on, to change the data of a result, or its list of errors, is an error. Tells how many there are. */
function freezeResults(): { readonly frozen: Set<ExecutionResult> } {
  const frozen = new Set<ExecutionResult>();
  const freeze = (result: ExecutionResult): ExecutionResult => {
    frozen.add(result);
    freezeDeeply(result.data);
    Object.freeze(result.errors);
    return Object.freeze(result);
  };
  const { resultOf } = Audience.prototype;
  Audience.prototype.resultOf = function (this: Audience, ...args) {
    const result = resultOf.apply(this, args);
    return result instanceof Promise ? result.then(freeze) : freeze(result);
  };
  onTestFinished(() => {
    Audience.prototype.resultOf = resultOf;
  });
  return { frozen };
}

const watchAll = `subscription ($token: ID!) {
  shop(token: $token) {
    version since reset changed
    state { n cost offer price frail label fragile items { id text } }
    delta { items { id } }
  }
}`;
const watchVars = `subscription ($token: ID!) {
  shop(token: $token) { version state { price frail items { id text } } delta { items { id } } }
}`;

/** What one of a role gets who shares with nobody, by a result for each event. */
async function resultsAlone(role: Role, query: string) {
  const shop = await openShop();
  const watcher = shop.watch(shop.connect(role), query);
  await stock(shop, [watcher]);
  return watcher.results;
}

const events = 5;

async function stock(shop: Shop, watchers: readonly Watcher[]): Promise<void> {
  await allHave(watchers, 1);
  for (let event = 0; event < events; event += 1) {
    await shop.run('shopStock(token: $token) { version }');
  }
  await allHave(watchers, 1 + events);
}

describe('a result that several get', () => {
  it.each([
    ['with resolvers and guards', watchAll],
    ['of vars alone', watchVars],
  ])('%s, is not changed for those who want wire deltas, nor by its errors', async (_, query) => {
    const alone = {
      staff: await resultsAlone('staff', query),
      customer: await resultsAlone('customer', query),
    };
    const { frozen } = freezeResults();
    const shop = await openShop({ shareKey: byRole });
    const watchers: Record<Role, Watcher[]> = { staff: [], customer: [] };
    for (const role of roles) {
      const clients = [shop.connect(role), shop.connectWithDeltas(role), shop.connectBySse(role)];
      for (const n of numbers(12)) {
        watchers[role].push(shop.watch(clients[n % 3] as (typeof clients)[0], query));
      }
    }
    await stock(shop, [...watchers.staff, ...watchers.customer]);
    for (const role of roles) {
      // As texts: there is much of it.
      expect(JSON.stringify(differentResults(watchers[role]))).toBe(JSON.stringify([alone[role]]));
    }
    if (!executesAll && query === watchAll) return;
    const shared = query === watchAll ? 2 * events : events;
    expect(frozen.size).toBe(24 + shared);
  });
});

const errorsOf = ({ errors = [] }: Result) =>
  errors.map(({ path, extensions }) => ({ path, code: extensions?.['code'] }));

describe('an error in a shared result', () => {
  const watch = 'subscription ($token: ID!) { shop(token: $token) { state { n fragile frail } } }';

  it('is the same for all, and an unexpected one is logged as what it was', async () => {
    const shop = await openShop({ shareKey: byRole });
    const clients = [
      shop.connect('customer'),
      shop.connect('customer'),
      shop.connectBySse('customer'),
    ];
    const watchers = numbers(30).map((n) =>
      shop.watch(clients[n % 3] as (typeof clients)[0], watch),
    );
    await allHave(watchers, 1);
    for (let n = 1; n <= 4; n += 1) {
      await shop.sell();
      await allHave(watchers, 1 + n);
    }
    const different = differentResults(watchers);
    expect(different.map((results) => results.map(errorsOf))).toEqual([
      [
        ...[[], [], []],
        [
          { path: ['shop', 'state', 'fragile'], code: 'INTERNAL_SERVER_ERROR' },
          { path: ['shop', 'state', 'frail'], code: 'COMPUTED_VAR_FAILED' },
        ],
        [],
      ],
    ]);
    expect(JSON.stringify(different)).not.toContain('fire');
    // By the engine that of the computed var, by the server that of the resolver.
    const executions = executesAll ? 1 : watchers.length;
    expect([...new Set(shop.logged)].map(String)).toEqual([
      'Error: Three cannot be computed.',
      ...numbers(executions).map(() => 'Error: The till is on fire.'),
    ]);
  });
});

const watchLate = `subscription ($token: ID!) {
  shop(token: $token) { version since state { n label late } }
}`;

/** What each event's `late` waits for, until the test lets it go. */
function holdLate({ waiting }: Shop, count: number): Deferred[] {
  const held = numbers(count + 1).map(() => new Deferred());
  for (const [n, { promise }] of held.entries()) if (n > 0) waiting.set(n, promise);
  return held;
}

function expectInOrder(
  watchers: readonly Watcher[],
  { role, count }: { role: Role; count: number },
) {
  const who = role === 'staff' ? 'the staff' : 'customers';
  const each = numbers(count + 1).map((n) => ({
    data: {
      shop: {
        ...{ version: n, since: Math.max(0, n - 1) },
        state: { n, label: `label ${n} for ${who}`, late: `late ${n} for ${who}` },
      },
    },
  }));
  expect(differentResults(watchers)).toEqual([each]);
}

describe('a result that comes later', () => {
  it.each([
    ['in the order of the events', [1, 2, 3], { 1: 1, 2: 2, 3: 3 }],
    ['the last first', [3, 2, 1], { 3: 1, 2: 1, 1: 1 }],
  ] as const)(
    'reaches all who share it, one event after the other, also if the next is there before: %s',
    async (_, order, before) => {
      const shop = await openShop({ shareKey: byRole });
      const watchers = { staff: [] as Watcher[], customer: [] as Watcher[] };
      for (const role of roles) {
        for (const client of [shop.connect(role), shop.connect(role)]) {
          for (let n = 0; n < 10; n += 1) watchers[role].push(shop.watch(client, watchLate));
        }
      }
      const all = [...watchers.staff, ...watchers.customer];
      await allHave(all, 1);
      const { late } = shop.calls;
      const held = holdLate(shop, 3);
      await shop.sell(3);
      for (const n of order) {
        expect(all.map(({ results }) => results.length)).toEqual(all.map(() => before[n]));
        held[n]?.resolve();
        if (before[n] === n) await allHave(all, n + 1);
        else await shop.turn();
      }
      await allHave(all, 4);
      for (const role of roles) expectInOrder(watchers[role], { role, count: 3 });
      if (executesAll) expect(shop.calls.late - late).toBe(2 * 3);
    },
  );

  it('reaches those who stay when others leave that wait for it, also who has asked first', async () => {
    const shop = await openShop({ shareKey: byRole });
    const clients = [shop.connect('customer'), shop.connect('customer')];
    const watchers = numbers(10).map((n) =>
      shop.watch(clients[n % 2] as (typeof clients)[0], watchLate),
    );
    await allHave(watchers, 1);
    const held = holdLate(shop, 2);
    await shop.sell(2);
    for (const { leave } of watchers.slice(0, 4)) leave();
    await until(() => shop.app.subscribers === 6, 'some have left');
    const joined = shop.watch(shop.connect('customer'), watchLate);
    await until(() => shop.app.subscribers === 7, 'one more is there');
    for (const { resolve } of held) resolve();
    await allHave(watchers.slice(4), 3);
    await allHave([joined], 1);
    expectInOrder(watchers.slice(4), { role: 'customer', count: 2 });
    expect(watchers.slice(0, 4).map(({ results }) => results.length)).toEqual([1, 1, 1, 1]);
    expect(joined.results).toMatchObject([
      { data: { shop: { since: 0, state: { n: 2, late: 'late 2 for customers' } } } },
    ]);
  });

  it('is an error for all of them if it fails', async () => {
    const shop = await openShop({ shareKey: byRole });
    const watchers = numbers(10).map(() => shop.watch(shop.connect('customer'), watchLate));
    await allHave(watchers, 1);
    const held = holdLate(shop, 2);
    await shop.sell(2);
    held[2]?.resolve();
    held[1]?.reject(new Error('It is lost.'));
    await allHave(watchers, 3);
    const different = differentResults(watchers);
    expect(
      different.map((results) =>
        results.map((result) => [result.data.shop.state.late, errorsOf(result)]),
      ),
    ).toEqual([
      [
        ['late 0 for customers', []],
        [null, [{ path: ['shop', 'state', 'late'], code: 'INTERNAL_SERVER_ERROR' }]],
        ['late 2 for customers', []],
      ],
    ]);
  });
});
