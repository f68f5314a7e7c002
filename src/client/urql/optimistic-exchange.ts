import { type Exchange, mapExchange } from '@urql/core';
import type { VersionTracking } from '../track-versions.ts';

/**
 * Has optimistic updates of Graphcache stay until the subscription has brought the
 * real one: the answer of a mutation that selects `version` and `state { id }` is
 * held back until then, for 5 s at most. To be put between the cache and the
 * exchanges that send.
 *
 * @param client what subscriptions go over, with versions tracked.
 */
export function optimisticExchange(client: VersionTracking): Exchange {
  return mapExchange({
    onResult: (result) =>
      result.operation.kind === 'mutation' ? client.shown(result.data).then(() => result) : result,
  });
}
