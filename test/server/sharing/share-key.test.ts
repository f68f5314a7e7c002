import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { executesAll } from '../execution/compare.ts';
import { openShop, type ShopOptions } from './open-shop.ts';
import { allHave } from './watcher.ts';

/** A resolver of the user's own: who may see it is not for statewire to say. */
const watchLabel = 'subscription ($token: ID!) { shop(token: $token) { state { label } } }';

const masked = [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }];

describe.skipIf(!executesAll)('shareKey', () => {
  it.each<readonly [what: string, key: () => unknown]>([
    ['throws', () => JSON.parse('{')],
    ['gives no string', () => undefined],
  ])('that %s fails its subscription: masked, logged, and alone', async (_, key) => {
    let isBroken = false;
    const shareKey = (() => (isBroken ? key() : 'all')) as NonNullable<ShopOptions['shareKey']>;
    const shop = await openShop({ shareKey });
    const client = shop.connect('customer');
    const other = shop.watch(client, watchLabel);
    await allHave([other], 1);

    isBroken = true;
    const broken = shop.watch(client, watchLabel);
    await allHave([broken], 1);
    expect(broken.results).toMatchObject([{ errors: masked }]);
    expect(shop.logged).toHaveLength(1);
    expect(shop.app.subscribers).toBe(1);

    await shop.sell();
    await allHave([other], 2);
    other.leave();
    await until(() => shop.app.subscribers === 0, 'nobody is left behind');
  });

  it('has an unexpected error of a result that is shared logged once', async () => {
    const shop = await openShop({ shareKey: () => 'all' });
    const client = shop.connect('customer');
    const query = 'subscription ($token: ID!) { shop(token: $token) { state { fragile } } }';
    const watchers = Array.from({ length: 30 }, () => shop.watch(client, query));
    await allHave(watchers, 1);
    await shop.sell(3);
    await allHave(watchers, 4);
    const fires = shop.logged.filter((error) => String(error).includes('fire'));
    expect(fires).toHaveLength(1);
  });
});
