import type { EnumRef, InterfaceRef, ObjectRef, SchemaTypes } from '@pothos/core';
import { DiffPayload } from '../resolvers/diff-payload.ts';
import { markPure } from '../resolvers/pure-resolvers.ts';
import { subscribeToStates } from '../resolvers/state.ts';
import { StatePayload } from '../resolvers/state-payload.ts';
import {
  resolveCancelTask,
  resolveParent,
  resolveTask,
  resolveTasks,
  subscribeToTasks,
} from '../resolvers/task.ts';
import { resolveIssueToken } from '../resolvers/token.ts';
import type { TokenDiffPayload } from '../resolvers/token-diff-payload.ts';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';
import { type TaskStatus, taskStatuses } from '../src/state/task-status.ts';
import type { TaskFailure } from '../src/store/stored-task.ts';
import { subscriptionArgs } from './subscription-args.ts';

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>;

/** The types that all states of a schema share. */
export interface CommonTypes {
  readonly state: InterfaceRef<SchemaTypes, StatePayload>;
  readonly stateDiff: InterfaceRef<SchemaTypes, DiffPayload>;
  readonly task: ObjectRef<SchemaTypes, TaskInfo>;
  readonly taskStatus: EnumRef<SchemaTypes, TaskStatus>;
}

export function defineCommonTypes(builder: Builder): CommonTypes {
  const state = defineState(builder);
  const types = { state, stateDiff: defineStateDiff(builder, state), ...defineTask(builder) };
  defineTokenFields(builder);
  defineStatesField(builder, types.stateDiff);
  defineTaskFields(builder, types);
  return types;
}

function defineState(builder: Builder): CommonTypes['state'] {
  return builder.interfaceRef<StatePayload>('State').implement({
    description: 'Typed state that the server holds for a token.',
    resolveType: (payload) => StatePayload.typename(payload),
    fields: (t) => ({
      id: t.exposeID('id', {
        nullable: false,
        description: 'Follows from the token and the name of the state. Opens nothing.',
      }),
      version: t.exposeFloat('version', {
        nullable: false,
        description:
          "The number of the token's commit that last changed this state. A whole number.",
      }),
    }),
  });
}

function defineStateDiff(builder: Builder, state: CommonTypes['state']): CommonTypes['stateDiff'] {
  return builder.interfaceRef<DiffPayload>('StateDiff').implement({
    description: 'A change of a state, as its subscribers get it.',
    resolveType: (payload) => DiffPayload.typename(payload),
    fields: (t) => ({
      state: t.expose('state', { type: state, nullable: false }),
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
}

function defineTask(builder: Builder): Pick<CommonTypes, 'task' | 'taskStatus'> {
  const taskStatus = builder.enumType('TaskStatus', {
    values: Object.fromEntries(
      taskStatuses.map((name) => [name, { description: statusMeans[name] }]),
    ),
  }) as CommonTypes['taskStatus'];
  const error = builder.objectRef<TaskFailure>('TaskError').implement({
    fields: (t) => ({
      code: t.exposeString('code', { nullable: false }),
      message: t.exposeString('message', { nullable: false }),
    }),
  });
  const task = builder.objectRef<TaskInfo>('Task');
  task.implement({
    description: 'One run of a background event.',
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      state: t.string({
        nullable: false,
        description: 'The name of its state.',
        resolve: markPure(({ event }: TaskInfo) => event.state.name),
      }),
      event: t.string({
        nullable: false,
        description: 'The name of its background event.',
        resolve: markPure(({ event }: TaskInfo) => event.name),
      }),
      status: t.expose('status', { type: taskStatus, nullable: false }),
      progress: t.exposeFloat('progress', {
        nullable: true,
        description: 'How much of it is done, from 0 to 1; null if it does not say.',
      }),
      message: t.exposeString('message', {
        nullable: true,
        description: 'What it is at; null if it does not say.',
      }),
      attempt: t.exposeInt('attempt', { nullable: false, description: 'Which try it is, from 1.' }),
      startedAt: t.exposeFloat('startedAt', {
        nullable: true,
        description: 'In ms since 1970; null while it waits for its turn.',
      }),
      endedAt: t.exposeFloat('endedAt', {
        nullable: true,
        description: 'In ms since 1970; null until it has ended.',
      }),
      error: t.expose('error', {
        type: error,
        nullable: true,
        description: 'Why it failed; null unless it did.',
      }),
      parent: t.field({
        type: task,
        nullable: true,
        description: 'The task that has triggered it; null if none has, or it is known no more.',
        resolve: (parent, args, context, info) => resolveParent(parent, args, context, info),
      }),
    }),
  });
  return { task, taskStatus };
}

const statusMeans: Record<TaskStatus, string> = {
  QUEUED: 'Waits for its turn.',
  RUNNING: 'Is at it.',
  SUCCEEDED: 'Has done it.',
  FAILED: 'Has thrown an error, was out of time, or was refused.',
  CANCELLED: 'Was ended before it was done.',
  LOST: 'Its process is gone, or was taken for gone.',
};

function defineTokenFields(builder: Builder): void {
  builder.mutationField('issueToken', (t) =>
    t.id({
      nullable: false,
      description: 'A new token. Whoever has it has its state: keep it like a password.',
      resolve: resolveIssueToken,
    }),
  );
}

function defineStatesField(builder: Builder, stateDiff: CommonTypes['stateDiff']): void {
  const tokenDiff = builder.objectRef<TokenDiffPayload>('TokenDiff').implement({
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
        type: [stateDiff],
        nullable: false,
        description: 'One for each state that changed; all of them took place at once.',
      }),
    }),
  });
  builder.subscriptionField('states', (t) =>
    t.field({
      type: tokenDiff,
      nullable: false,
      description: 'All states of a token in one subscription.',
      args: subscriptionArgs(t),
      subscribe: (root, args, context, info) =>
        subscribeToStates(root, args as never, context, info),
      resolve: markPure((payload) => payload as TokenDiffPayload),
    }),
  );
}

function defineTaskFields(builder: Builder, { task, taskStatus }: CommonTypes): void {
  builder.queryFields((t) => ({
    task: t.field({
      type: task,
      nullable: true,
      args: { token: t.arg.id({ required: true }), id: t.arg.id({ required: true }) },
      resolve: (root, args, context, info) => resolveTask(root, args as never, context, info),
    }),
    tasks: t.field({
      type: [task],
      nullable: false,
      description: 'Tasks that run or wait, and those that have ended lately; oldest first.',
      args: {
        token: t.arg.id({ required: true }),
        status: t.arg({ type: [taskStatus] }),
      },
      resolve: (root, args, context, info) => resolveTasks(root, args as never, context, info),
    }),
  }));
  builder.subscriptionField('tasks', (t) =>
    t.field({
      type: task,
      nullable: false,
      description:
        'Each task that runs or waits or has ended lately, oldest first; then each that changes, as it is then.',
      args: { token: t.arg.id({ required: true }) },
      subscribe: (root, args, context, info) =>
        subscribeToTasks(root, args as never, context, info),
      resolve: markPure((payload) => payload as TaskInfo),
    }),
  );
  builder.mutationField('cancelTask', (t) =>
    t.field({
      type: task,
      nullable: false,
      description: 'Ends a task at once: it can change nothing more. Does nothing if it has ended.',
      args: { token: t.arg.id({ required: true }), id: t.arg.id({ required: true }) },
      resolve: (root, args, context, info) => resolveCancelTask(root, args as never, context, info),
    }),
  );
}
