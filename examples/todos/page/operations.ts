import { graphql } from '../../gql/index.ts';

/** `items` only for their order: moves count places in the whole list, whatever the filter. */
export const WatchTodos = graphql(`
  subscription WatchTodos($token: ID!, $since: String) {
    todos(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        filter
        open
        items {
          id
        }
        visible {
          id
          title
          done
          due
        }
      }
    }
  }
`);

export const AddTodo = graphql(`
  mutation AddTodo($token: ID!, $title: String!, $due: Date) {
    todosAdd(token: $token, title: $title, due: $due) {
      version
    }
  }
`);

export const ToggleTodo = graphql(`
  mutation ToggleTodo($token: ID!, $id: ID!) {
    todosToggle(token: $token, id: $id) {
      version
    }
  }
`);

export const RemoveTodo = graphql(`
  mutation RemoveTodo($token: ID!, $id: ID!) {
    todosRemove(token: $token, id: $id) {
      version
    }
  }
`);

export const MoveTodo = graphql(`
  mutation MoveTodo($token: ID!, $id: ID!, $to: Int!) {
    todosMove(token: $token, id: $id, to: $to) {
      version
    }
  }
`);

export const SetFilter = graphql(`
  mutation SetFilter($token: ID!, $filter: TodoFilter!) {
    todosSetFilter(token: $token, filter: $filter) {
      version
    }
  }
`);

export const ImportTodos = graphql(`
  mutation ImportTodos($token: ID!, $titles: [String!]!) {
    todosImport(token: $token, titles: $titles) {
      version
    }
  }
`);
