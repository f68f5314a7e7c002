import { randomUUID } from 'node:crypto';
import { builder } from '../builder.ts';
import { type AnyDiff, allDiffs, type StoredState } from '../store.ts';
import { cancelTask, findTask, type Task, tasksOf } from '../tasks.ts';

export const StateInterface = builder.interfaceRef<StoredState>('State').implement({
  description: 'Typed state that the server holds for a token.',
  resolveType: (state) => state.typename,
  fields: (t) => ({
    id: t.exposeID('id', {
      nullable: false,
      description: 'Follows from the token and the name of the state. Opens nothing.',
    }),
    version: t.exposeFloat('version', {
      nullable: false,
      description: "The number of the token's commit that last changed this state. A whole number.",
    }),
  }),
});

export const StateDiffInterface = builder.interfaceRef<AnyDiff>('StateDiff').implement({
  description: 'A change of a state, as its subscribers get it.',
  resolveType: (diff) => `${diff.state.typename}Diff`,
  fields: (t) => ({
    state: t.expose('state', { type: StateInterface, nullable: false }),
    version: t.exposeFloat('version', {
      nullable: false,
      description: "The state's version after this diff.",
    }),
    since: t.exposeFloat('since', {
      nullable: false,
      description: 'The version of the previous diff of this subscription; 0 on a reset.',
    }),
    reset: t.exposeBoolean('reset', {
      nullable: false,
      description: 'Whether this is a snapshot that replaces what you have.',
    }),
  }),
});

interface TokenDiff {
  readonly version: number;
  readonly cursor: string;
  readonly reset: boolean;
  readonly diffs: readonly AnyDiff[];
}

const TokenDiffObject = builder.objectRef<TokenDiff>('TokenDiff').implement({
  description: 'What one commit changed, in all states of a token.',
  fields: (t) => ({
    version: t.exposeFloat('version', {
      nullable: false,
      description: 'The highest version among the states in it.',
    }),
    cursor: t.exposeString('cursor', {
      nullable: false,
      description: 'Opaque. Pass it as `since` to go on from here, on any node.',
    }),
    reset: t.exposeBoolean('reset', {
      nullable: false,
      description: 'Whether this is a snapshot of all states that replaces what you have.',
    }),
    diffs: t.expose('diffs', {
      type: [StateDiffInterface],
      nullable: false,
      description: 'One for each state that changed; all of them took place at once.',
    }),
  }),
});

builder.subscriptionField('states', (t) =>
  t.field({
    type: TokenDiffObject,
    nullable: false,
    description: 'All states of a token in one subscription.',
    args: {
      token: t.arg.id({ required: true }),
      since: t.arg.string({
        description: 'The cursor of the last diff you have; without it you get a snapshot.',
      }),
    },
    subscribe: (_root, { token }) => allDiffs(token),
    resolve: (diff) => ({ ...diff, cursor: String(diff.version), diffs: [diff] }),
  }),
);

const TaskStatus = builder.enumType('TaskStatus', {
  values: {
    QUEUED: { description: 'Waits for its turn.' },
    RUNNING: { description: 'Is at it.' },
    SUCCEEDED: { description: 'Has done it.' },
    FAILED: { description: 'Has thrown an error, was out of time, or was refused.' },
    CANCELLED: { description: 'Was ended before it was done.' },
    LOST: { description: 'Its process is gone, or was taken for gone.' },
  } as const,
});

const TaskError = builder.objectRef<NonNullable<Task['error']>>('TaskError').implement({
  fields: (t) => ({
    code: t.exposeString('code', { nullable: false }),
    message: t.exposeString('message', { nullable: false }),
  }),
});

export const TaskObject = builder.objectRef<Task>('Task');
TaskObject.implement({
  description: 'One run of a background event.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    state: t.exposeString('state', { nullable: false, description: 'The name of its state.' }),
    event: t.exposeString('event', {
      nullable: false,
      description: 'The name of its background event.',
    }),
    attempt: t.exposeInt('attempt', { nullable: false, description: 'Which try it is, from 1.' }),
    parent: t.expose('parent', {
      type: TaskObject,
      nullable: true,
      description: 'The task that has triggered it; null if none has, or it is known no more.',
    }),
    startedAt: t.exposeFloat('startedAt', {
      nullable: true,
      description: 'In ms since 1970; null while it waits for its turn.',
    }),
    endedAt: t.exposeFloat('endedAt', {
      nullable: true,
      description: 'In ms since 1970; null until it has ended.',
    }),
    progress: t.exposeFloat('progress', {
      nullable: true,
      description: 'How much of it is done, from 0 to 1; null if it does not say.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What it is at; null if it does not say.',
    }),
    status: t.expose('status', { type: TaskStatus, nullable: false }),
    error: t.expose('error', {
      type: TaskError,
      nullable: true,
      description: 'Why it failed; null unless it did.',
    }),
  }),
});

builder.queryFields((t) => ({
  task: t.field({
    type: TaskObject,
    nullable: true,
    args: { token: t.arg.id({ required: true }), id: t.arg.id({ required: true }) },
    resolve: (_root, { token, id }) => findTask(token, id),
  }),
  tasks: t.field({
    type: [TaskObject],
    nullable: false,
    description: 'Tasks that run or wait, and those that have ended lately; oldest first.',
    args: { token: t.arg.id({ required: true }), status: t.arg({ type: [TaskStatus] }) },
    resolve: (_root, { token, status }) =>
      tasksOf(token).filter((task) => !status || status.includes(task.status)),
  }),
}));

builder.subscriptionField('tasks', (t) =>
  t.field({
    type: TaskObject,
    nullable: false,
    description:
      'Each task that runs or waits or has ended lately, oldest first; then each that changes, as it is then.',
    args: { token: t.arg.id({ required: true }) },
    subscribe: async function* (_root, { token }) {
      yield* tasksOf(token);
    },
    resolve: (task) => task,
  }),
);

builder.mutationFields((t) => ({
  issueToken: t.id({
    nullable: false,
    description: 'A new token. Whoever has it has its state: keep it like a password.',
    resolve: () => randomUUID(),
  }),
  cancelTask: t.field({
    type: TaskObject,
    nullable: false,
    description: 'Ends a task at once: it can change nothing more. Does nothing if it has ended.',
    args: { token: t.arg.id({ required: true }), id: t.arg.id({ required: true }) },
    resolve: (_root, { token, id }) => cancelTask(token, id),
  }),
}));
