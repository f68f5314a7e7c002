import { Payload } from '../../../resolvers/payload.ts';
import { isObject } from '../../values/plain.ts';
import { isSettled } from '../../values/settle.ts';

/**
 * Whether reading a property of the value runs no code of a user's: it is part of a
 * snapshot, or one of our own payloads.
 */
export function isTrustedSource(value: unknown): value is object {
  return isObject(value) && (value instanceof Payload || isSettled(value));
}
