export type { StatewireOptions } from '../schema/plugin-types.ts';
export { StateRef } from '../schema/state-ref.ts';
export type {
  BackgroundBuilder,
  BackgroundOptions,
  ConcurrencyOptions,
  DurableOptions,
  EventBuilder,
  EventOptions,
  EventRef,
  LifecycleHandler,
  ShapeOf,
  StateOptions,
} from '../schema/state-types.ts';
export { statewire } from '../schema/statewire.ts';
export type {
  ComputedBuilder,
  ReadComputed,
  VarBuilder,
  VarMap,
  VarRef,
} from '../schema/var-types.ts';
export { type CommitMessage, commitChannel } from './diagnostics/commit.ts';
export { type EventMessage, eventChannel } from './diagnostics/event.ts';
export { type LockMessage, lockChannel } from './diagnostics/lock.ts';
export { type StoreErrorMessage, storeErrorChannel } from './diagnostics/store-error.ts';
export { type DiffMessage, subscriberDiffChannel } from './diagnostics/subscriber-diff.ts';
export { type SubscriberLag, subscriberLagChannel } from './diagnostics/subscriber-lag.ts';
export {
  type TaskMessage,
  type TaskRunMessage,
  taskChannel,
  taskRunChannel,
} from './diagnostics/task.ts';
export type { ErrorSource, Limits } from './engine/engine-options.ts';
export type { EventInvocation, Middleware, TaskInvocation } from './engine/middleware.ts';
export type { BackgroundTask } from './engine/tasks/background-task.ts';
export type { TaskInfo } from './engine/tasks/task-info.ts';
export * from './errors/index.ts';
export type { Logger } from './logging/logger.ts';
export type { App } from './server/app.ts';
export { type AppOptions, createApp } from './server/create-app.ts';
export type { StateReference, StateShape, TaskExit } from './state/definitions.ts';
export type { BoundEvent, EventReference } from './state/event-reference.ts';
export type {
  BackgroundHandler,
  ComputedSource,
  DeepReadonly,
  Draft,
  DurableSelf,
  EventHandler,
  LockRoot,
  StateBlock,
  StateDraft,
  StateView,
  TaskSelf,
} from './state/handler-types.ts';
export type { TaskOutcome, TaskStatus } from './state/task-status.ts';
export { memoryStore } from './store/memory/memory-state-store.ts';
export type { StateStore } from './store/state-store.ts';
export type { TaskFailure } from './store/stored-task.ts';
export type { TokenKey } from './tokens/token-key.ts';
