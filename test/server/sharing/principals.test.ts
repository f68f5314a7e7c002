import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Audiences } from '../../../src/server/operation/shared-results.ts';
import { executesAll } from '../execution/compare.ts';
import { Random } from '../execution/random.ts';
import { byRole, openShop, type Role, roles, type Shop, type ShopOptions } from './open-shop.ts';
import type { ShopContext } from './shop-schema.ts';
import { allHave, differentResults, type Watcher } from './watcher.ts';

const query = `subscription ($token: ID!) {
  shop(token: $token) {
    version since reset changed
    state { cost offer price frail label fragile }
    delta { n cost }
  }
}`;

/** Results of a subscription in this scene: the first, and one of each event. */
const count = 4;

type Crowd = Record<Role, Watcher[]>;

/** Some events one by one, and some that come faster than anybody takes them. */
async function play(shop: Shop, watchers: readonly Watcher[]): Promise<void> {
  await allHave(watchers, 1);
  await shop.sell(1);
  await shop.sell(2, 'at once');
  await allHave(watchers, count);
}

/** What one of a role gets where there is nobody else. */
async function resultsAlone(role: Role) {
  const shop = await openShop();
  const watcher = shop.watch(shop.connect(role), query);
  await play(shop, [watcher]);
  return watcher.results;
}

/** Subscribers of both roles in random order, each role on sockets of its own and an event stream. */
async function playToCrowd(
  options: ShopOptions,
  { subscribers = 100, sockets = 20 } = {},
): Promise<Crowd> {
  const shop = await openShop(options);
  const random = new Random(1);
  const clients = Array.from({ length: sockets }, (_, at) => {
    const role = roles[at % 2] as Role;
    return { role, client: at < 2 ? shop.connectBySse(role) : shop.connect(role) };
  });
  const crowd: Crowd = { staff: [], customer: [] };
  for (const { role, client } of clients.slice(0, 2)) crowd[role].push(shop.watch(client, query));
  while (crowd.staff.length + crowd.customer.length < subscribers) {
    const { role, client } = random.pick(clients.slice(2));
    crowd[role].push(shop.watch(client, query));
  }
  // There are thousands of errors, and vitest looks up where each was thrown.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  await play(shop, [...crowd.staff, ...crowd.customer]);
  Error.stackTraceLimit = stackTraceLimit;
  return crowd;
}

/** That each got what it gets alone, and so nothing of the other role. */
async function expectOwnResults(crowd: Crowd): Promise<void> {
  for (const role of roles) {
    expect(differentResults(crowd[role])).toEqual([await resultsAlone(role)]);
  }
  expect(JSON.stringify(crowd.staff.map(({ results }) => results))).not.toMatch(/"offer \d/);
  expect(JSON.stringify(crowd.customer.map(({ results }) => results))).not.toMatch(/"cost \d/);
}

describe('of two principals with the same selection', () => {
  it('each alone sees its own fields, and an error at the place of the others', async () => {
    const [, , , third] = await resultsAlone('staff');
    expect(third).toMatchInlineSnapshot(`
      {
        "data": {
          "shop": {
            "changed": [
              "N",
              "COST",
              "OFFER",
              "PRICE",
              "SUM",
              "FRAIL",
            ],
            "delta": {
              "cost": "cost 3",
              "n": 3,
            },
            "reset": false,
            "since": 2,
            "state": {
              "cost": "cost 3",
              "fragile": null,
              "frail": null,
              "label": "label 3 for the staff",
              "offer": null,
              "price": "3 €",
            },
            "version": 3,
          },
        },
        "errors": [
          {
            "extensions": {
              "code": "CUSTOMERS_ONLY",
            },
            "locations": [
              {
                "column": 18,
                "line": 4,
              },
            ],
            "message": "Offers are for customers.",
            "path": [
              "shop",
              "state",
              "offer",
            ],
          },
          {
            "extensions": {
              "code": "COMPUTED_VAR_FAILED",
              "retryable": false,
            },
            "locations": [
              {
                "column": 30,
                "line": 4,
              },
            ],
            "message": "The computed var Shop.frail could not be evaluated.",
            "path": [
              "shop",
              "state",
              "frail",
            ],
          },
          {
            "extensions": {
              "code": "INTERNAL_SERVER_ERROR",
            },
            "locations": [
              {
                "column": 42,
                "line": 4,
              },
            ],
            "message": "Unexpected error.",
            "path": [
              "shop",
              "state",
              "fragile",
            ],
          },
        ],
      }
    `);
    const [, second] = await resultsAlone('customer');
    expect(second).toMatchInlineSnapshot(`
      {
        "data": {
          "shop": {
            "changed": [
              "N",
              "COST",
              "OFFER",
              "PRICE",
              "SUM",
              "FRAIL",
            ],
            "delta": {
              "cost": null,
              "n": 1,
            },
            "reset": false,
            "since": 0,
            "state": {
              "cost": null,
              "fragile": 1,
              "frail": 1,
              "label": "label 1 for customers",
              "offer": "offer 1",
              "price": "1 €",
            },
            "version": 1,
          },
        },
        "errors": [
          {
            "extensions": {
              "code": "FORBIDDEN",
              "retryable": false,
            },
            "locations": [
              {
                "column": 13,
                "line": 4,
              },
            ],
            "message": "Not authorized to resolve Shop.cost",
            "path": [
              "shop",
              "state",
              "cost",
            ],
          },
          {
            "extensions": {
              "code": "FORBIDDEN",
              "retryable": false,
            },
            "locations": [
              {
                "column": 15,
                "line": 5,
              },
            ],
            "message": "Not authorized to resolve ShopDelta.cost",
            "path": [
              "shop",
              "delta",
              "cost",
            ],
          },
        ],
      }
    `);
  });

  it.each<[string, ShopOptions]>([
    ['that share by a key', { shareKey: byRole }],
    ['that share nothing', {}],
  ])('each of 1,000 subscribers, %s, gets what it gets alone', async (_, options) => {
    await expectOwnResults(await playToCrowd(options, { subscribers: 1_000 }));
  });

  it('each gets what it gets alone where one of them shares', async () => {
    const shareKey = ({ staff }: ShopContext) => (staff ? 'staff' : null);
    await expectOwnResults(await playToCrowd({ shareKey }));
  });
});

// On graphql 17 it is graphql-js that executes what is guarded, for each subscriber.
describe.skipIf(!executesAll)('it is noticed', () => {
  it('if a key says of both that they see the same', async () => {
    const crowd = await playToCrowd({ shareKey: () => 'everybody' });
    await expect(expectOwnResults(crowd)).rejects.toThrow(/expected .* to deeply equal/);
  });

  it('if the server takes them for one', async () => {
    const { join } = Audiences.prototype;
    const spy = vi.spyOn(Audiences.prototype, 'join').mockImplementation(function (
      this: Audiences,
      operation,
    ) {
      return join.call(this, operation, 'everybody');
    });
    onTestFinished(() => spy.mockRestore());
    const crowd = await playToCrowd({});
    spy.mockRestore();
    await expect(expectOwnResults(crowd)).rejects.toThrow(/expected .* to deeply equal/);
  });
});
