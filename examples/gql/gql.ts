/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  subscription WatchAccount($token: ID!, $since: String) {\n    account(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        balance\n      }\n    }\n  }\n": typeof types.WatchAccountDocument,
    "\n  mutation Deposit($token: ID!, $amount: Int!) {\n    accountDeposit(token: $token, amount: $amount) {\n      version\n    }\n  }\n": typeof types.DepositDocument,
    "\n  mutation Withdraw($token: ID!, $amount: Int!) {\n    accountWithdraw(token: $token, amount: $amount) {\n      __typename\n      ... on InsufficientFunds {\n        message\n      }\n    }\n  }\n": typeof types.WithdrawDocument,
    "\n  mutation Annotate($token: ID!, $note: String!) {\n    accountAnnotate(token: $token, note: $note) {\n      version\n    }\n  }\n": typeof types.AnnotateDocument,
    "\n  subscription WatchMyTask($token: ID!, $since: String) {\n    myTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n": typeof types.WatchMyTaskDocument,
    "\n  mutation ToggleRunning($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n": typeof types.ToggleRunningDocument,
    "\n  mutation ClearCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n    }\n  }\n": typeof types.ClearCounterDocument,
    "\n  subscription WatchMyLimitedTask($token: ID!, $since: String) {\n    myLimitedTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n": typeof types.WatchMyLimitedTaskDocument,
    "\n  mutation ToggleLimited($token: ID!) {\n    myLimitedTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n": typeof types.ToggleLimitedDocument,
    "\n  mutation ClearLimited($token: ID!) {\n    myLimitedTaskClearCounter(token: $token) {\n      version\n    }\n  }\n": typeof types.ClearLimitedDocument,
    "\n  subscription WatchImport($token: ID!, $since: String) {\n    csvImport(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        imported\n        skipped\n        total\n        sum\n        skips {\n          reason\n          rows\n        }\n        last {\n          id\n          name\n          email\n          amount\n        }\n      }\n    }\n  }\n": typeof types.WatchImportDocument,
    "\n  subscription WatchTasks($token: ID!) {\n    tasks(token: $token) {\n      id\n      state\n      event\n      status\n      attempt\n      progress\n      message\n      startedAt\n      endedAt\n      error {\n        code\n        message\n      }\n    }\n  }\n": typeof types.WatchTasksDocument,
    "\n  mutation RunImport($token: ID!, $rows: Int!) {\n    csvImportRun(token: $token, rows: $rows) {\n      id\n    }\n  }\n": typeof types.RunImportDocument,
    "\n  mutation ClearImport($token: ID!) {\n    csvImportClear(token: $token) {\n      version\n    }\n  }\n": typeof types.ClearImportDocument,
    "\n  mutation CancelTask($token: ID!, $id: ID!) {\n    cancelTask(token: $token, id: $id) {\n      id\n    }\n  }\n": typeof types.CancelTaskDocument,
    "\n  subscription WatchLowLevel($token: ID!, $since: String) {\n    lowLevel(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        result\n      }\n    }\n  }\n": typeof types.WatchLowLevelDocument,
    "\n  mutation FetchData($token: ID!) {\n    lowLevelFetchData(token: $token) {\n      version\n    }\n  }\n": typeof types.FetchDataDocument,
    "\n  mutation IssueToken {\n    issueToken\n  }\n": typeof types.IssueTokenDocument,
    "\n  fragment CounterFields on MyTask {\n    __typename\n    id\n    counter\n    maxCounter\n    running\n    percent\n  }\n": typeof types.CounterFieldsFragmentDoc,
    "\n  subscription FollowCounter($token: ID!) {\n    myTask(token: $token) {\n      version\n      state {\n        ...CounterFields\n      }\n    }\n  }\n": typeof types.FollowCounterDocument,
    "\n  query ReadCounter($token: ID!) {\n    myTask(token: $token) {\n      ...CounterFields\n    }\n  }\n": typeof types.ReadCounterDocument,
    "\n  mutation ToggleCounter($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n": typeof types.ToggleCounterDocument,
    "\n  mutation ResetCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n": typeof types.ResetCounterDocument,
    "\n  fragment ListFields on Todos {\n    __typename\n    id\n    open\n    items {\n      __typename\n      id\n      title\n      done\n    }\n  }\n": typeof types.ListFieldsFragmentDoc,
    "\n  subscription FollowList($token: ID!) {\n    todos(token: $token) {\n      version\n      state {\n        ...ListFields\n      }\n    }\n  }\n": typeof types.FollowListDocument,
    "\n  query ReadList($token: ID!) {\n    todos(token: $token) {\n      ...ListFields\n    }\n  }\n": typeof types.ReadListDocument,
    "\n  mutation AppendRow($token: ID!, $title: String!) {\n    answer: todosAdd(token: $token, title: $title) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": typeof types.AppendRowDocument,
    "\n  mutation ToggleRow($token: ID!, $id: ID!) {\n    answer: todosToggle(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": typeof types.ToggleRowDocument,
    "\n  mutation MoveRow($token: ID!, $id: ID!, $to: Int!) {\n    answer: todosMove(token: $token, id: $id, to: $to) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": typeof types.MoveRowDocument,
    "\n  mutation RemoveRow($token: ID!, $id: ID!) {\n    answer: todosRemove(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": typeof types.RemoveRowDocument,
    "\n  subscription WatchTodos($token: ID!, $since: String) {\n    todos(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        filter\n        open\n        items {\n          id\n        }\n        visible {\n          id\n          title\n          done\n          due\n        }\n      }\n    }\n  }\n": typeof types.WatchTodosDocument,
    "\n  mutation AddTodo($token: ID!, $title: String!, $due: Date) {\n    todosAdd(token: $token, title: $title, due: $due) {\n      version\n    }\n  }\n": typeof types.AddTodoDocument,
    "\n  mutation ToggleTodo($token: ID!, $id: ID!) {\n    todosToggle(token: $token, id: $id) {\n      version\n    }\n  }\n": typeof types.ToggleTodoDocument,
    "\n  mutation RemoveTodo($token: ID!, $id: ID!) {\n    todosRemove(token: $token, id: $id) {\n      version\n    }\n  }\n": typeof types.RemoveTodoDocument,
    "\n  mutation MoveTodo($token: ID!, $id: ID!, $to: Int!) {\n    todosMove(token: $token, id: $id, to: $to) {\n      version\n    }\n  }\n": typeof types.MoveTodoDocument,
    "\n  mutation SetFilter($token: ID!, $filter: TodoFilter!) {\n    todosSetFilter(token: $token, filter: $filter) {\n      version\n    }\n  }\n": typeof types.SetFilterDocument,
    "\n  mutation ImportTodos($token: ID!, $titles: [String!]!) {\n    todosImport(token: $token, titles: $titles) {\n      version\n    }\n  }\n": typeof types.ImportTodosDocument,
};
const documents: Documents = {
    "\n  subscription WatchAccount($token: ID!, $since: String) {\n    account(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        balance\n      }\n    }\n  }\n": types.WatchAccountDocument,
    "\n  mutation Deposit($token: ID!, $amount: Int!) {\n    accountDeposit(token: $token, amount: $amount) {\n      version\n    }\n  }\n": types.DepositDocument,
    "\n  mutation Withdraw($token: ID!, $amount: Int!) {\n    accountWithdraw(token: $token, amount: $amount) {\n      __typename\n      ... on InsufficientFunds {\n        message\n      }\n    }\n  }\n": types.WithdrawDocument,
    "\n  mutation Annotate($token: ID!, $note: String!) {\n    accountAnnotate(token: $token, note: $note) {\n      version\n    }\n  }\n": types.AnnotateDocument,
    "\n  subscription WatchMyTask($token: ID!, $since: String) {\n    myTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n": types.WatchMyTaskDocument,
    "\n  mutation ToggleRunning($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n": types.ToggleRunningDocument,
    "\n  mutation ClearCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n    }\n  }\n": types.ClearCounterDocument,
    "\n  subscription WatchMyLimitedTask($token: ID!, $since: String) {\n    myLimitedTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n": types.WatchMyLimitedTaskDocument,
    "\n  mutation ToggleLimited($token: ID!) {\n    myLimitedTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n": types.ToggleLimitedDocument,
    "\n  mutation ClearLimited($token: ID!) {\n    myLimitedTaskClearCounter(token: $token) {\n      version\n    }\n  }\n": types.ClearLimitedDocument,
    "\n  subscription WatchImport($token: ID!, $since: String) {\n    csvImport(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        imported\n        skipped\n        total\n        sum\n        skips {\n          reason\n          rows\n        }\n        last {\n          id\n          name\n          email\n          amount\n        }\n      }\n    }\n  }\n": types.WatchImportDocument,
    "\n  subscription WatchTasks($token: ID!) {\n    tasks(token: $token) {\n      id\n      state\n      event\n      status\n      attempt\n      progress\n      message\n      startedAt\n      endedAt\n      error {\n        code\n        message\n      }\n    }\n  }\n": types.WatchTasksDocument,
    "\n  mutation RunImport($token: ID!, $rows: Int!) {\n    csvImportRun(token: $token, rows: $rows) {\n      id\n    }\n  }\n": types.RunImportDocument,
    "\n  mutation ClearImport($token: ID!) {\n    csvImportClear(token: $token) {\n      version\n    }\n  }\n": types.ClearImportDocument,
    "\n  mutation CancelTask($token: ID!, $id: ID!) {\n    cancelTask(token: $token, id: $id) {\n      id\n    }\n  }\n": types.CancelTaskDocument,
    "\n  subscription WatchLowLevel($token: ID!, $since: String) {\n    lowLevel(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        result\n      }\n    }\n  }\n": types.WatchLowLevelDocument,
    "\n  mutation FetchData($token: ID!) {\n    lowLevelFetchData(token: $token) {\n      version\n    }\n  }\n": types.FetchDataDocument,
    "\n  mutation IssueToken {\n    issueToken\n  }\n": types.IssueTokenDocument,
    "\n  fragment CounterFields on MyTask {\n    __typename\n    id\n    counter\n    maxCounter\n    running\n    percent\n  }\n": types.CounterFieldsFragmentDoc,
    "\n  subscription FollowCounter($token: ID!) {\n    myTask(token: $token) {\n      version\n      state {\n        ...CounterFields\n      }\n    }\n  }\n": types.FollowCounterDocument,
    "\n  query ReadCounter($token: ID!) {\n    myTask(token: $token) {\n      ...CounterFields\n    }\n  }\n": types.ReadCounterDocument,
    "\n  mutation ToggleCounter($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n": types.ToggleCounterDocument,
    "\n  mutation ResetCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n": types.ResetCounterDocument,
    "\n  fragment ListFields on Todos {\n    __typename\n    id\n    open\n    items {\n      __typename\n      id\n      title\n      done\n    }\n  }\n": types.ListFieldsFragmentDoc,
    "\n  subscription FollowList($token: ID!) {\n    todos(token: $token) {\n      version\n      state {\n        ...ListFields\n      }\n    }\n  }\n": types.FollowListDocument,
    "\n  query ReadList($token: ID!) {\n    todos(token: $token) {\n      ...ListFields\n    }\n  }\n": types.ReadListDocument,
    "\n  mutation AppendRow($token: ID!, $title: String!) {\n    answer: todosAdd(token: $token, title: $title) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": types.AppendRowDocument,
    "\n  mutation ToggleRow($token: ID!, $id: ID!) {\n    answer: todosToggle(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": types.ToggleRowDocument,
    "\n  mutation MoveRow($token: ID!, $id: ID!, $to: Int!) {\n    answer: todosMove(token: $token, id: $id, to: $to) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": types.MoveRowDocument,
    "\n  mutation RemoveRow($token: ID!, $id: ID!) {\n    answer: todosRemove(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n": types.RemoveRowDocument,
    "\n  subscription WatchTodos($token: ID!, $since: String) {\n    todos(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        filter\n        open\n        items {\n          id\n        }\n        visible {\n          id\n          title\n          done\n          due\n        }\n      }\n    }\n  }\n": types.WatchTodosDocument,
    "\n  mutation AddTodo($token: ID!, $title: String!, $due: Date) {\n    todosAdd(token: $token, title: $title, due: $due) {\n      version\n    }\n  }\n": types.AddTodoDocument,
    "\n  mutation ToggleTodo($token: ID!, $id: ID!) {\n    todosToggle(token: $token, id: $id) {\n      version\n    }\n  }\n": types.ToggleTodoDocument,
    "\n  mutation RemoveTodo($token: ID!, $id: ID!) {\n    todosRemove(token: $token, id: $id) {\n      version\n    }\n  }\n": types.RemoveTodoDocument,
    "\n  mutation MoveTodo($token: ID!, $id: ID!, $to: Int!) {\n    todosMove(token: $token, id: $id, to: $to) {\n      version\n    }\n  }\n": types.MoveTodoDocument,
    "\n  mutation SetFilter($token: ID!, $filter: TodoFilter!) {\n    todosSetFilter(token: $token, filter: $filter) {\n      version\n    }\n  }\n": types.SetFilterDocument,
    "\n  mutation ImportTodos($token: ID!, $titles: [String!]!) {\n    todosImport(token: $token, titles: $titles) {\n      version\n    }\n  }\n": types.ImportTodosDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchAccount($token: ID!, $since: String) {\n    account(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        balance\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchAccount($token: ID!, $since: String) {\n    account(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        balance\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Deposit($token: ID!, $amount: Int!) {\n    accountDeposit(token: $token, amount: $amount) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation Deposit($token: ID!, $amount: Int!) {\n    accountDeposit(token: $token, amount: $amount) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Withdraw($token: ID!, $amount: Int!) {\n    accountWithdraw(token: $token, amount: $amount) {\n      __typename\n      ... on InsufficientFunds {\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Withdraw($token: ID!, $amount: Int!) {\n    accountWithdraw(token: $token, amount: $amount) {\n      __typename\n      ... on InsufficientFunds {\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Annotate($token: ID!, $note: String!) {\n    accountAnnotate(token: $token, note: $note) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation Annotate($token: ID!, $note: String!) {\n    accountAnnotate(token: $token, note: $note) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchMyTask($token: ID!, $since: String) {\n    myTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchMyTask($token: ID!, $since: String) {\n    myTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ToggleRunning($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ToggleRunning($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClearCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ClearCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchMyLimitedTask($token: ID!, $since: String) {\n    myLimitedTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchMyLimitedTask($token: ID!, $since: String) {\n    myLimitedTask(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        counter\n        maxCounter\n        running\n        percent\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ToggleLimited($token: ID!) {\n    myLimitedTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ToggleLimited($token: ID!) {\n    myLimitedTaskToggleRunning(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClearLimited($token: ID!) {\n    myLimitedTaskClearCounter(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ClearLimited($token: ID!) {\n    myLimitedTaskClearCounter(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchImport($token: ID!, $since: String) {\n    csvImport(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        imported\n        skipped\n        total\n        sum\n        skips {\n          reason\n          rows\n        }\n        last {\n          id\n          name\n          email\n          amount\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchImport($token: ID!, $since: String) {\n    csvImport(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        imported\n        skipped\n        total\n        sum\n        skips {\n          reason\n          rows\n        }\n        last {\n          id\n          name\n          email\n          amount\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchTasks($token: ID!) {\n    tasks(token: $token) {\n      id\n      state\n      event\n      status\n      attempt\n      progress\n      message\n      startedAt\n      endedAt\n      error {\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchTasks($token: ID!) {\n    tasks(token: $token) {\n      id\n      state\n      event\n      status\n      attempt\n      progress\n      message\n      startedAt\n      endedAt\n      error {\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RunImport($token: ID!, $rows: Int!) {\n    csvImportRun(token: $token, rows: $rows) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation RunImport($token: ID!, $rows: Int!) {\n    csvImportRun(token: $token, rows: $rows) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClearImport($token: ID!) {\n    csvImportClear(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ClearImport($token: ID!) {\n    csvImportClear(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelTask($token: ID!, $id: ID!) {\n    cancelTask(token: $token, id: $id) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation CancelTask($token: ID!, $id: ID!) {\n    cancelTask(token: $token, id: $id) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchLowLevel($token: ID!, $since: String) {\n    lowLevel(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        result\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchLowLevel($token: ID!, $since: String) {\n    lowLevel(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        result\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FetchData($token: ID!) {\n    lowLevelFetchData(token: $token) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation FetchData($token: ID!) {\n    lowLevelFetchData(token: $token) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation IssueToken {\n    issueToken\n  }\n"): (typeof documents)["\n  mutation IssueToken {\n    issueToken\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CounterFields on MyTask {\n    __typename\n    id\n    counter\n    maxCounter\n    running\n    percent\n  }\n"): (typeof documents)["\n  fragment CounterFields on MyTask {\n    __typename\n    id\n    counter\n    maxCounter\n    running\n    percent\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowCounter($token: ID!) {\n    myTask(token: $token) {\n      version\n      state {\n        ...CounterFields\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription FollowCounter($token: ID!) {\n    myTask(token: $token) {\n      version\n      state {\n        ...CounterFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadCounter($token: ID!) {\n    myTask(token: $token) {\n      ...CounterFields\n    }\n  }\n"): (typeof documents)["\n  query ReadCounter($token: ID!) {\n    myTask(token: $token) {\n      ...CounterFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ToggleCounter($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ToggleCounter($token: ID!) {\n    myTaskToggleRunning(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ResetCounter($token: ID!) {\n    myTaskClearCounter(token: $token) {\n      version\n      state {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ListFields on Todos {\n    __typename\n    id\n    open\n    items {\n      __typename\n      id\n      title\n      done\n    }\n  }\n"): (typeof documents)["\n  fragment ListFields on Todos {\n    __typename\n    id\n    open\n    items {\n      __typename\n      id\n      title\n      done\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowList($token: ID!) {\n    todos(token: $token) {\n      version\n      state {\n        ...ListFields\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription FollowList($token: ID!) {\n    todos(token: $token) {\n      version\n      state {\n        ...ListFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadList($token: ID!) {\n    todos(token: $token) {\n      ...ListFields\n    }\n  }\n"): (typeof documents)["\n  query ReadList($token: ID!) {\n    todos(token: $token) {\n      ...ListFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AppendRow($token: ID!, $title: String!) {\n    answer: todosAdd(token: $token, title: $title) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AppendRow($token: ID!, $title: String!) {\n    answer: todosAdd(token: $token, title: $title) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ToggleRow($token: ID!, $id: ID!) {\n    answer: todosToggle(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ToggleRow($token: ID!, $id: ID!) {\n    answer: todosToggle(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MoveRow($token: ID!, $id: ID!, $to: Int!) {\n    answer: todosMove(token: $token, id: $id, to: $to) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation MoveRow($token: ID!, $id: ID!, $to: Int!) {\n    answer: todosMove(token: $token, id: $id, to: $to) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveRow($token: ID!, $id: ID!) {\n    answer: todosRemove(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveRow($token: ID!, $id: ID!) {\n    answer: todosRemove(token: $token, id: $id) {\n      __typename\n      version\n      state {\n        __typename\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchTodos($token: ID!, $since: String) {\n    todos(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        filter\n        open\n        items {\n          id\n        }\n        visible {\n          id\n          title\n          done\n          due\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription WatchTodos($token: ID!, $since: String) {\n    todos(token: $token, since: $since) {\n      cursor\n      version\n      since\n      state {\n        id\n        filter\n        open\n        items {\n          id\n        }\n        visible {\n          id\n          title\n          done\n          due\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddTodo($token: ID!, $title: String!, $due: Date) {\n    todosAdd(token: $token, title: $title, due: $due) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation AddTodo($token: ID!, $title: String!, $due: Date) {\n    todosAdd(token: $token, title: $title, due: $due) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ToggleTodo($token: ID!, $id: ID!) {\n    todosToggle(token: $token, id: $id) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ToggleTodo($token: ID!, $id: ID!) {\n    todosToggle(token: $token, id: $id) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveTodo($token: ID!, $id: ID!) {\n    todosRemove(token: $token, id: $id) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveTodo($token: ID!, $id: ID!) {\n    todosRemove(token: $token, id: $id) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MoveTodo($token: ID!, $id: ID!, $to: Int!) {\n    todosMove(token: $token, id: $id, to: $to) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation MoveTodo($token: ID!, $id: ID!, $to: Int!) {\n    todosMove(token: $token, id: $id, to: $to) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetFilter($token: ID!, $filter: TodoFilter!) {\n    todosSetFilter(token: $token, filter: $filter) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation SetFilter($token: ID!, $filter: TodoFilter!) {\n    todosSetFilter(token: $token, filter: $filter) {\n      version\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ImportTodos($token: ID!, $titles: [String!]!) {\n    todosImport(token: $token, titles: $titles) {\n      version\n    }\n  }\n"): (typeof documents)["\n  mutation ImportTodos($token: ID!, $titles: [String!]!) {\n    todosImport(token: $token, titles: $titles) {\n      version\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;