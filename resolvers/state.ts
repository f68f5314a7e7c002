import type { GraphQLResolveInfo } from 'graphql';
import type { StateDefinition } from '../src/state/definitions.ts';
import { mapAsyncIterator } from '../src/stream/map-async-iterator.ts';
import type { StateDiff, TokenDiff } from '../src/stream/token-cursor.ts';
import { appOf } from './app-of.ts';
import { type DiffPayload, diffPayload } from './diff-payload.ts';
import { type StatePayload, statePayload } from './state-payload.ts';
import { type TokenDiffPayload, tokenDiffPayload } from './token-diff-payload.ts';

interface StateArgs {
  readonly token: string;
}

interface SubscriptionArgs extends StateArgs {
  readonly since?: string | null | undefined;
}

/** `Query.<state>`: the state as last committed. */
export function resolveState(definition: StateDefinition) {
  return async (
    _root: unknown,
    args: StateArgs,
    _context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<StatePayload> => {
    const { engine, tokens } = appOf(info);
    const key = tokens.keyOf(args.token);
    return statePayload(key, definition, await engine.read(key, definition));
  };
}

/** `Subscription.<state>`: a snapshot or what is new since a cursor, then each diff. */
export function subscribeToState(definition: StateDefinition) {
  const definitions = [definition];
  return async (
    _root: unknown,
    { token, since = null }: SubscriptionArgs,
    context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<AsyncIterableIterator<DiffPayload>> => {
    const { engine, tokens } = appOf(info);
    const key = tokens.keyOf(token);
    return mapAsyncIterator(await engine.subscribe(key, { definitions, since, context }), ofOne);
  };
}

/** `Subscription.states`: the same for all states of a token at once. */
export async function subscribeToStates(
  _root: unknown,
  { token, since = null }: SubscriptionArgs,
  context: unknown,
  info: GraphQLResolveInfo,
): Promise<AsyncIterableIterator<TokenDiffPayload>> {
  const { engine, tokens } = appOf(info);
  const key = tokens.keyOf(token);
  const definitions = [...engine.options.definitions.values()];
  const cursor = await engine.subscribe(key, { definitions, since, context });
  return mapAsyncIterator(cursor, tokenDiffPayload);
}

function ofOne([diff]: TokenDiff): DiffPayload {
  return diffPayload(diff as StateDiff);
}
