import { describe, expect, it } from 'vitest';
import { DeltaDecoder } from '../../../src/delta/delta-decoder.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import type { Data } from '../../support/socket-client.ts';
import { executesAll } from '../execution/compare.ts';
import { byRole, openShop, type Role, roles, type Shop } from './open-shop.ts';
import type { Calls } from './shop-schema.ts';
import { allHave, type Watcher } from './watcher.ts';

const sockets = 20;

/** Subscribers of one role, on several sockets, who want one of the selections each, in turn. */
function watchersOf(
  shop: Shop,
  selections: readonly string[],
  { count = 1_000, role = 'customer' as Role } = {},
): Watcher[] {
  const clients = Array.from({ length: sockets }, () => shop.connect(role));
  return Array.from({ length: count }, (_, at) => {
    const selection = selections[at % selections.length];
    const query = `subscription ($token: ID!) { shop(token: $token) { ${selection} } }`;
    return shop.watch(clients[at % sockets] as (typeof clients)[0], query);
  });
}

/** How often a function of the user's is called for so many events; all have begun before. */
async function callsOf(
  shop: Shop,
  watchers: readonly Watcher[],
  { of, events }: { readonly of: keyof Calls; readonly events: number },
): Promise<number> {
  await allHave(watchers, 1);
  const before = shop.calls[of];
  await shop.sell(events, 'at once');
  await allHave(watchers, 1 + events);
  return shop.calls[of] - before;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

// On graphql 17 it is graphql-js that executes what is not pure, for each subscriber.
describe.skipIf(!executesAll)('with a key, a resolver of the user is called', () => {
  it('once for an event, however many have the same selection', async () => {
    const shop = await openShop({ shareKey: byRole });
    const watchers = watchersOf(shop, ['version state { label }']);
    expect(await callsOf(shop, watchers, { of: 'label', events: 2 })).toBe(2);
    for (const { results } of watchers) {
      expect(results.map(({ data }) => data.shop.state.label)).toEqual(
        numbers(3).map((n) => `label ${n} for customers`),
      );
    }
  });

  it('once for each of ten selections', async () => {
    const shop = await openShop({ shareKey: byRole });
    const selections = numbers(10).map((n) => `state { label(prefix: "of ${n}:") }`);
    const watchers = watchersOf(shop, selections);
    expect(await callsOf(shop, watchers, { of: 'label', events: 1 })).toBe(10);
    for (const [at, { results }] of watchers.entries()) {
      expect(results[1]?.data.shop.state.label).toBe(`of ${at % 10}: 1 for customers`);
    }
  });

  it('once for each key', async () => {
    const shop = await openShop({ shareKey: byRole });
    const watchers = roles.flatMap((role) =>
      watchersOf(shop, ['state { label }'], { count: 50, role }),
    );
    expect(await callsOf(shop, watchers, { of: 'label', events: 2 })).toBe(4);
  });

  it('once for each value of a variable, also of one that only says what is included', async () => {
    const shop = await openShop({ shareKey: byRole });
    const client = shop.connect('customer');
    const query = `subscription ($token: ID!, $prefix: String!, $label: Boolean!) {
      shop(token: $token) { state { n label(prefix: $prefix) @include(if: $label) } }
    }`;
    const wishes = numbers(60).map((n) => ({ prefix: `p${n % 3}`, label: n % 2 === 0 }));
    const watchers = wishes.map((wish) => shop.watch(client, query, wish));
    expect(await callsOf(shop, watchers, { of: 'label', events: 2 })).toBe(3 * 2);
    for (const [at, { prefix, label }] of wishes.entries()) {
      expect(watchers[at]?.results.map(({ data }) => data.shop.state)).toEqual(
        numbers(3).map((n) => ({ n, ...(label ? { label: `${prefix} ${n} for customers` } : {}) })),
      );
    }
  });
});

describe('without a key', () => {
  it('a resolver of the user is called for each subscriber', async () => {
    const shop = await openShop();
    const watchers = watchersOf(shop, ['state { label }'], { count: 100 });
    expect(await callsOf(shop, watchers, { of: 'label', events: 2 })).toBe(200);
  });

  it('what is selected of vars alone is made once for an event', async () => {
    const shop = await openShop();
    const watchers = roles.flatMap((role) =>
      watchersOf(shop, ['version state { price } delta { n }'], { count: 100, role }),
    );
    expect(await callsOf(shop, watchers, { of: 'price', events: 3 })).toBe(3);
    for (const { results } of watchers) {
      expect(results.map(({ data }) => data.shop.state.price)).toEqual(
        numbers(4).map((n) => `${n} €`),
      );
    }
  });

  it('the same, beside what a guard is asked for', async () => {
    const shop = await openShop();
    const watchers = watchersOf(shop, ['state { price }', 'state { price cost }'], { count: 40 });
    expect(await callsOf(shop, watchers, { of: 'price', events: 2 })).toBe(2 * (1 + 20));
  });
});

const leafletBytes = 500_000;
const leaflets = 30;
const maxLag = 4;

const watchLeaflets = `subscription ($token: ID!) {
  shop(token: $token) { version since changed state { n leaflet label } }
}`;

/** A subscriber on a socket of its own, that takes nothing after its first result. */
async function sleeperOf({ url, token }: Shop, extensions = {}): Promise<RawSocket> {
  const raw = await RawSocket.open(url);
  raw.send({ type: 'connection_init', payload: { role: 'customer' } });
  await raw.until(({ type }) => type === 'connection_ack');
  const payload = { query: watchLeaflets, variables: { token }, extensions };
  raw.send({ id: '1', type: 'subscribe', payload });
  await raw.answer('1');
  raw.socket.pause();
  return raw;
}

/** What a subscriber got until the last event, in whichever form. */
async function diffsOf(raw: RawSocket): Promise<Data[]> {
  const decoder = new DeltaDecoder();
  const diffs: Data[] = [];
  const read = new Set<Data>();
  await raw.until((message) => {
    if (message.type !== 'next' || read.has(message)) return false;
    read.add(message);
    const result: Data = decoder.decode(message.payload);
    expect(result.errors).toBeUndefined();
    diffs.push(result.data.shop);
    return result.data.shop.version === leaflets;
  });
  raw.socket.terminate();
  return diffs;
}

/** That each diff follows from the one before, and is that of its version. */
function expectChain(diffs: readonly Data[]): void {
  for (const [at, { version, since, state }] of diffs.entries()) {
    expect(since).toBe(at === 0 ? 0 : diffs[at - 1].version);
    expect(state.n).toBe(version);
    expect(state.label).toBe(`label ${version} for customers`);
    expect(state.leaflet.startsWith(version === 0 ? '' : `leaflet ${version}`)).toBe(true);
  }
}

describe('subscribers that are behind', () => {
  it('get as one what they have missed, and those that share with them each event', async () => {
    const shop = await openShop({ shareKey: byRole, maxLag });
    const reader = shop.watch(shop.connect('customer'), watchLeaflets);
    await allHave([reader], 1);
    const sleepers = [await sleeperOf(shop), await sleeperOf(shop, { delta: 1 })];
    for (let n = 1; n <= leaflets; n += 1) {
      await shop.run(`shopPrint(token: $token, bytes: ${leafletBytes}) { version }`);
      // Nobody but the sleepers is behind.
      await allHave([reader], 1 + n);
    }
    const read = reader.results.map(({ data }) => data.shop);
    expect(read).toHaveLength(1 + leaflets);
    expectChain(read);
    for (const sleeper of sleepers) {
      sleeper.socket.resume();
      const diffs = await diffsOf(sleeper);
      expectChain(diffs);
      expect(diffs.some(({ version, since }) => version - since > maxLag)).toBe(true);
    }
  });
});
