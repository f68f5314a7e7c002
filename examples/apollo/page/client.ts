import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { optimisticLink, possibleTypes, typePolicies } from 'statewire/client/apollo';
import introspection from '../../../schema/introspection.json' with { type: 'json' };
import { httpUrl } from '../../page/socket.ts';
import { socket } from '../../react/page/socket.ts';

/** Queries and mutations over HTTP, subscriptions over the WebSocket. */
export const client = new ApolloClient({
  cache: new InMemoryCache({
    typePolicies: typePolicies(introspection),
    possibleTypes: possibleTypes(introspection),
  }),
  link: ApolloLink.from([
    optimisticLink(socket),
    ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(socket),
      new HttpLink({ uri: httpUrl }),
    ),
  ]),
});
