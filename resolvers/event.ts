import { type GraphQLResolveInfo, getArgumentValues } from 'graphql';
import type { EventResult } from '../src/engine/engine.ts';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';
import type { EventDefinition } from '../src/state/definitions.ts';
import { andThen, type MaybePromise } from '../src/time/at-once.ts';
import type { TokenKey } from '../src/tokens/token-key.ts';
import { appOf } from './app-of.ts';
import { type StatePayload, statePayload } from './state-payload.ts';

export interface EventArgs {
  readonly token?: string;
  readonly [name: string]: unknown;
}

export interface EventPayload {
  readonly version: number;
  readonly state: StatePayload;
  readonly tasks: readonly TaskInfo[];
}

/** A mutation that is an event: answers after its commit. */
export function resolveEvent(event: EventDefinition) {
  return (
    _root: unknown,
    { token, ...args }: EventArgs,
    context: unknown,
    info: GraphQLResolveInfo,
  ): MaybePromise<EventPayload> => {
    const { engine, tokens } = appOf(info);
    const key = tokens.keyOf(token ?? sentToken(info));
    const request = { context, isClient: true };
    return andThen(engine.dispatch(key, { event, args }, request), (result) =>
      eventPayload(key, event, result),
    );
  };
}

function eventPayload(
  key: TokenKey,
  event: EventDefinition,
  { state, tasks }: EventResult,
): EventPayload {
  return { version: state.version, state: statePayload(key, event.state, state), tasks };
}

/** A mutation that is a background event: answers when its task has started. */
export function resolveBackgroundEvent(event: EventDefinition) {
  return async (
    _root: unknown,
    { token, ...args }: EventArgs,
    context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<TaskInfo> => {
    const { engine, tokens } = appOf(info);
    return engine.start(tokens.keyOf(token ?? sentToken(info)), { event, args }, context);
  };
}

/** The token as it was sent: a schema that validates all arguments at once leaves out what it does not name. */
function sentToken({
  parentType,
  fieldName,
  fieldNodes,
  variableValues,
}: GraphQLResolveInfo): unknown {
  const field = parentType.getFields()[fieldName];
  const [node] = fieldNodes;
  return field && node ? getArgumentValues(field, node, variableValues)['token'] : undefined;
}
