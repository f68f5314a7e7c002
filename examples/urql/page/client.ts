import { type CacheExchangeOpts, cacheExchange } from '@urql/exchange-graphcache';
import { forwardSubscription, keys, optimisticExchange } from 'statewire/client/urql';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import introspection from '../../../schema/introspection.json' with { type: 'json' };
import { httpUrl } from '../../page/socket.ts';
import { socket } from '../../react/page/socket.ts';
import { mutationUpdates, optimistic } from './optimistic-updates.ts';
import { subscriptionUpdates } from './subscription-updates.ts';

/** Queries and mutations over HTTP, subscriptions over the WebSocket. */
export const client = new Client({
  url: httpUrl,
  preferGetMethod: false,
  exchanges: [
    cacheExchange({
      schema: introspection as CacheExchangeOpts['schema'],
      keys: keys(introspection),
      optimistic,
      updates: { Mutation: mutationUpdates, Subscription: subscriptionUpdates },
    }),
    optimisticExchange(socket),
    fetchExchange,
    subscriptionExchange({ forwardSubscription: forwardSubscription(socket) }),
  ],
});
