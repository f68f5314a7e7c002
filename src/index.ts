export type { StatewireOptions } from '../schema/plugin-types.ts';
export { StateRef } from '../schema/state-ref.ts';
export type {
  BackgroundBuilder,
  BackgroundOptions,
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
export { type SubscriberLag, subscriberLagChannel } from './diagnostics/subscriber-lag.ts';
export type { BackgroundTask, TaskInfo } from './engine/background-task.ts';
export type { ErrorSource, Limits } from './engine/engine-options.ts';
export type { EventInvocation, Middleware, TaskInvocation } from './engine/middleware.ts';
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
  EventHandler,
  LockRoot,
  StateBlock,
  StateDraft,
  StateView,
  TaskSelf,
} from './state/handler-types.ts';
export { memoryStore } from './store/memory/memory-state-store.ts';
export type { StateStore } from './store/state-store.ts';
export type { TokenKey } from './tokens/token-key.ts';
