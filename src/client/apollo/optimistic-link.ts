import { ApolloLink } from '@apollo/client';
import { mergeMap } from 'rxjs';
import type { VersionTracking } from '../track-versions.ts';

/**
 * Has optimistic updates stay until the subscription has brought the real one: the
 * answer of a mutation that selects `version` and `state { id }` is held back
 * until then, for 5 s at most. To be put before the links that send.
 *
 * @param client what the link of subscriptions is made of, with versions tracked.
 */
export function optimisticLink(client: VersionTracking): ApolloLink {
  return new ApolloLink((operation, forward) =>
    operation.operationType !== 'mutation'
      ? forward(operation)
      : forward(operation).pipe(
          mergeMap(async (result) => {
            if ('data' in result) await client.shown(result.data);
            return result;
          }),
        ),
  );
}
