import type { Client } from 'graphql-ws';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Audience, Audiences } from '../../../src/server/operation/shared-results.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import type { Data } from '../../support/socket-client.ts';
import { until } from '../../support/until.ts';
import { executesAll } from '../execution/compare.ts';
import { Random } from '../execution/random.ts';
import { byRole, openShop, type Role, roles, type Shop } from './open-shop.ts';
import { allHave, type Watcher } from './watcher.ts';

const query = `subscription ($token: ID!, $since: String) {
  shop(token: $token, since: $since) {
    version since reset changed cursor
    state { n cost offer label }
    delta { n cost }
  }
}`;

/** What a subscriber of a role gets at a version, from the one before. */
function diffOf(role: Role, { version, since }: { version: number; since: number | null }) {
  const isStaff = role === 'staff';
  const cost = isStaff ? `cost ${version}` : null;
  return {
    version,
    since: since ?? 0,
    reset: since === null,
    state: {
      ...{ n: version, cost },
      offer: isStaff ? null : `offer ${version}`,
      label: `label ${version} for ${isStaff ? 'the staff' : 'customers'}`,
    },
    delta: { n: version, cost },
  };
}

interface Member {
  readonly role: Role;
  readonly watcher: Watcher;
  /** The version that it goes on from. */
  readonly from: number | null;
}

const lastOf = ({ watcher }: Member): Data => watcher.results.at(-1)?.data.shop;

const errorsOf: Record<Role, readonly string[]> = {
  staff: ['shop.state.offer'],
  customer: ['shop.state.cost', 'shop.delta.cost'],
};

/** That it got each version since it came, without a gap. */
function expectOwnDiffs({ role, watcher, from }: Member): void {
  const [first] = watcher.results;
  const begin: number = from === null ? first?.data.shop.version : from + 1;
  const got = watcher.results.map(({ data: { shop }, errors = [] }) => {
    const { changed, cursor, ...diff } = shop;
    expect(cursor.endsWith(`.${diff.version}`)).toBe(true);
    expect(changed.includes('LEAFLET')).toBe(diff.reset);
    return { diff, errors: errors.map(({ path }) => path?.join('.')) };
  });
  expect(got).toEqual(
    got.map((_, at) => ({
      diff: diffOf(role, {
        version: begin + at,
        since: at === 0 && from === null ? null : begin + at - 1,
      }),
      errors: errorsOf[role],
    })),
  );
}

describe('who comes, leaves, and goes on from a cursor while others share', () => {
  it.each([1, 2])('gets its own diffs (seed %i)', async (seed) => {
    const random = new Random(seed);
    const shop = await openShop({ shareKey: byRole });
    const clients: Record<Role, Client[]> = { staff: [], customer: [] };
    for (const role of roles) clients[role] = [shop.connect(role), shop.connect(role)];
    let sold = 0;
    const here: Member[] = [];
    const gone: Member[] = [];
    const join = (role: Role, after: Member | null = null) => {
      const cursor = after && lastOf(after);
      const variables = cursor ? { since: cursor.cursor } : {};
      const watcher = shop.watch(random.pick(clients[role]), query, variables);
      here.push({ role, watcher, from: cursor?.version ?? null });
    };
    for (let n = 0; n < 20; n += 1) join(random.pick(roles));
    const settled = () =>
      until(
        // Who goes on where nothing has happened since has nothing to be told.
        () => here.every((each) => (lastOf(each)?.version ?? each.from) === sold),
        'all are up to date',
      );
    await settled();
    for (let step = 0; step < 25; step += 1) {
      const [leaving] = random.once(3) ? here.splice(random.below(here.length), 1) : [];
      leaving?.watcher.leave();
      if (leaving?.watcher.results.length) gone.push(leaving);
      if (random.once(3)) join(random.pick(roles));
      const [back] = random.once(2) ? gone.splice(random.below(gone.length), 1) : [];
      if (back) {
        join(back.role, back);
        expectOwnDiffs(back);
      }
      const events = random.below(3);
      sold += events;
      const selling = shop.sell(events, 'at once');
      // Some of what follows is done before they are.
      if (random.once(2)) await selling;
      if (random.once(4)) await settled();
    }
    await settled();
    for (const member of [...here, ...gone]) expectOwnDiffs(member);
    expect(here.filter(({ from }) => from !== null).length).toBeGreaterThan(3);
  });
});

interface Seen {
  readonly audiences: Audiences;
  readonly args: Parameters<Audiences['join']>;
  readonly audience: Audience;
}

/** The audiences that subscribers have joined, until the test ends. */
function seenAudiences(): Seen[] {
  const seen: Seen[] = [];
  const { join } = Audiences.prototype;
  const spy = vi.spyOn(Audiences.prototype, 'join').mockImplementation(function (
    this: Audiences,
    ...args
  ) {
    const joined = join.apply(this, args);
    seen.push({ audiences: this, args, audience: joined.audience });
    return joined;
  });
  onTestFinished(() => spy.mockRestore());
  return seen;
}

/** Whether nothing is known of an audience: who joins it is the first. */
function isForgotten({ audiences, args, audience }: Seen): boolean {
  const joined = audiences.join(...args);
  joined.leave();
  return joined.audience !== audience && joined.audience.size === 0;
}

const watch = 'subscription ($token: ID!) { shop(token: $token) { state { n label } } }';
const watchPure = 'subscription ($token: ID!) { shop(token: $token) { state { n } } }';

async function watchEachWay(shop: Shop) {
  const clients = [...roles, ...roles].map((role) => shop.connect(role));
  const streams = roles.map((role) => shop.connectBySse(role));
  const watchers = [...clients, ...streams].flatMap((client) =>
    [watch, watchPure].map((text) => shop.watch(client, text)),
  );
  await allHave(watchers, 1);
  await shop.sell();
  await allHave(watchers, 2);
  return { clients, watchers };
}

describe('nothing is kept', () => {
  // On graphql 17 who has a guard is in none.
  it.skipIf(!executesAll)('of an audience that all have left, each in its way', async () => {
    const seen = seenAudiences();
    const shop = await openShop({ shareKey: byRole });
    const { clients, watchers } = await watchEachWay(shop);
    const audiences = [...seen];
    expect(audiences).toHaveLength(12);
    expect(new Set(audiences.map(({ audience }) => audience)).size).toBe(3);
    expect(audiences.map(isForgotten)).toEqual(audiences.map(() => false));
    clients[0]?.terminate();
    clients[1]?.terminate();
    for (const { leave } of watchers) leave();
    await until(() => shop.app.subscribers === 0, 'all have left');
    expect(audiences.map(isForgotten)).toEqual(audiences.map(() => true));
  });

  it('of a result that nobody waits for any more', async () => {
    const results: WeakRef<object>[] = [];
    const { resultOf } = Audience.prototype;
    Audience.prototype.resultOf = function (this: Audience, ...args) {
      const result = resultOf.apply(this, args);
      results.push(new WeakRef(result));
      return result;
    };
    onTestFinished(() => {
      Audience.prototype.resultOf = resultOf;
    });
    const shop = await openShop({ shareKey: byRole });
    const { watchers } = await watchEachWay(shop);
    expect(results.length).toBeGreaterThan(0);
    for (const { leave } of watchers) leave();
    await until(() => shop.app.subscribers === 0, 'all have left');
    await until(() => {
      collectGarbage();
      return results.every((result) => result.deref() === undefined);
    }, 'no result is kept');
  });
});
