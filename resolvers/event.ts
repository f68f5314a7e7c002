import { type GraphQLResolveInfo, getArgumentValues } from 'graphql';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';
import type { EventDefinition } from '../src/state/definitions.ts';
import type { MaybePromise } from '../src/time/at-once.ts';
import { appOf } from './app-of.ts';
import { EventPayload } from './event-payload.ts';

export interface EventArgs {
  readonly token?: string;
  readonly [name: string]: unknown;
}

/** A mutation that is an event: answers after its commit. */
export function resolveEvent(event: EventDefinition) {
  return (
    _root: unknown,
    input: EventArgs,
    context: unknown,
    info: GraphQLResolveInfo,
  ): MaybePromise<EventPayload> => {
    const { engine, tokens } = appOf(info);
    const key = tokens.keyOf(input.token ?? sentToken(info));
    const call = { event, args: withoutToken(input) };
    const result = engine.dispatch(key, call, { context, isClient: true });
    return result instanceof Promise
      ? result.then((later) => new EventPayload(key, event.state, later))
      : new EventPayload(key, event.state, result);
  };
}

/** A mutation that is a background event: answers when its task has started. */
export function resolveBackgroundEvent(event: EventDefinition) {
  return async (
    _root: unknown,
    input: EventArgs,
    context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<TaskInfo> => {
    const { engine, tokens } = appOf(info);
    const key = tokens.keyOf(input.token ?? sentToken(info));
    return engine.start(key, { event, args: withoutToken(input) }, context);
  };
}

/** What a handler gets. By a loop: a rest of the properties takes ten times as long for the token alone. */
function withoutToken(input: EventArgs): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const name of Object.keys(input)) if (name !== 'token') args[name] = input[name];
  return args;
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
