import { graphql } from '../../gql/index.ts';

export const WatchLowLevel = graphql(`
  subscription WatchLowLevel($token: ID!) {
    lowLevel(token: $token) {
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
