import { graphql } from '../../gql/index.ts';

export const WatchLowLevel = graphql(`
  subscription WatchLowLevel($token: ID!, $since: String) {
    lowLevel(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        result
      }
    }
  }
`);

export const FetchData = graphql(`
  mutation FetchData($token: ID!) {
    lowLevelFetchData(token: $token) {
      version
    }
  }
`);
