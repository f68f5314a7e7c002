import { graphql } from '../../gql/index.ts';

export const WatchMyTask = graphql(`
  subscription WatchMyTask($token: ID!, $since: String) {
    myTask(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        counter
        maxCounter
        running
        percent
      }
    }
  }
`);

export const ToggleRunning = graphql(`
  mutation ToggleRunning($token: ID!) {
    myTaskToggleRunning(token: $token) {
      version
    }
  }
`);

export const ClearCounter = graphql(`
  mutation ClearCounter($token: ID!) {
    myTaskClearCounter(token: $token) {
      version
    }
  }
`);

export const WatchMyLimitedTask = graphql(`
  subscription WatchMyLimitedTask($token: ID!, $since: String) {
    myLimitedTask(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        counter
        maxCounter
        running
        percent
      }
    }
  }
`);

export const ToggleLimited = graphql(`
  mutation ToggleLimited($token: ID!) {
    myLimitedTaskToggleRunning(token: $token) {
      version
    }
  }
`);

export const ClearLimited = graphql(`
  mutation ClearLimited($token: ID!) {
    myLimitedTaskClearCounter(token: $token) {
      version
    }
  }
`);
