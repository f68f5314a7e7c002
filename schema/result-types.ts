import type { ObjectRef, SchemaTypes } from '@pothos/core';
import type { EventPayload } from '../resolvers/event-payload.ts';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';

/** The types that a state's mutations return. */
export interface ResultTypes {
  readonly eventResult: ObjectRef<SchemaTypes, EventPayload>;
  readonly task: ObjectRef<SchemaTypes, TaskInfo>;
}
