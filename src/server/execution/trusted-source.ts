import { DiffPayload } from '../../../resolvers/diff-payload.ts';
import { StatePayload } from '../../../resolvers/state-payload.ts';
import { isObject } from '../../values/plain.ts';
import { isSettled } from '../../values/settle.ts';

/**
 * Whether reading a property of the value runs no code of a user's: it is part of a
 * snapshot, or one of our own payloads.
 */
export function isTrustedSource(value: unknown): value is object {
  return isPayload(value) || (isObject(value) && isSettled(value));
}

/** An object that the engine makes for a result, of parts that are settled. */
export function isPayload(value: unknown): value is StatePayload | DiffPayload {
  return value instanceof StatePayload || value instanceof DiffPayload;
}
