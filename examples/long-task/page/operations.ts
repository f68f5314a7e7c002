import { graphql } from '../../gql/index.ts';

export const WatchImport = graphql(`
  subscription WatchImport($token: ID!, $since: String) {
    csvImport(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        imported
        skipped
        total
        sum
        skips {
          reason
          rows
        }
        last {
          id
          name
          email
          amount
        }
      }
    }
  }
`);

export const WatchTasks = graphql(`
  subscription WatchTasks($token: ID!) {
    tasks(token: $token) {
      id
      state
      event
      status
      attempt
      progress
      message
      startedAt
      endedAt
      error {
        code
        message
      }
    }
  }
`);

export const RunImport = graphql(`
  mutation RunImport($token: ID!, $rows: Int!) {
    csvImportRun(token: $token, rows: $rows) {
      id
    }
  }
`);

export const ClearImport = graphql(`
  mutation ClearImport($token: ID!) {
    csvImportClear(token: $token) {
      version
    }
  }
`);

export const CancelTask = graphql(`
  mutation CancelTask($token: ID!, $id: ID!) {
    cancelTask(token: $token, id: $id) {
      id
    }
  }
`);
