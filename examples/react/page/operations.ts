import { graphql } from '../../gql/index.ts';

export const CounterFields = graphql(`
  fragment CounterFields on MyTask {
    __typename
    id
    counter
    maxCounter
    running
    percent
  }
`);

export const FollowCounter = graphql(`
  subscription FollowCounter($token: ID!) {
    myTask(token: $token) {
      version
      state {
        ...CounterFields
      }
    }
  }
`);

/** What the cache knows of it: the subscription brings it. */
export const ReadCounter = graphql(`
  query ReadCounter($token: ID!) {
    myTask(token: $token) {
      ...CounterFields
    }
  }
`);

export const ToggleCounter = graphql(`
  mutation ToggleCounter($token: ID!) {
    myTaskToggleRunning(token: $token) {
      version
      state {
        id
      }
    }
  }
`);

export const ResetCounter = graphql(`
  mutation ResetCounter($token: ID!) {
    myTaskClearCounter(token: $token) {
      version
      state {
        id
      }
    }
  }
`);

export const ListFields = graphql(`
  fragment ListFields on Todos {
    __typename
    id
    open
    items {
      __typename
      id
      title
      done
    }
  }
`);

export const FollowList = graphql(`
  subscription FollowList($token: ID!) {
    todos(token: $token) {
      version
      state {
        ...ListFields
      }
    }
  }
`);

export const ReadList = graphql(`
  query ReadList($token: ID!) {
    todos(token: $token) {
      ...ListFields
    }
  }
`);

/** The events of the list have one answer, under one name: what is said of one holds for all. */
export const AppendRow = graphql(`
  mutation AppendRow($token: ID!, $title: String!) {
    answer: todosAdd(token: $token, title: $title) {
      __typename
      version
      state {
        __typename
        id
      }
    }
  }
`);

export const ToggleRow = graphql(`
  mutation ToggleRow($token: ID!, $id: ID!) {
    answer: todosToggle(token: $token, id: $id) {
      __typename
      version
      state {
        __typename
        id
      }
    }
  }
`);

export const MoveRow = graphql(`
  mutation MoveRow($token: ID!, $id: ID!, $to: Int!) {
    answer: todosMove(token: $token, id: $id, to: $to) {
      __typename
      version
      state {
        __typename
        id
      }
    }
  }
`);

export const RemoveRow = graphql(`
  mutation RemoveRow($token: ID!, $id: ID!) {
    answer: todosRemove(token: $token, id: $id) {
      __typename
      version
      state {
        __typename
        id
      }
    }
  }
`);
