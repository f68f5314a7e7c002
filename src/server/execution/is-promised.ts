import { isThenable } from '../../time/at-once.ts';

/**
 * The same as {@link isThenable}, for what is a scalar most of the time: no prototype of a
 * scalar is searched for a `then`.
 */
export function isPromised(value: unknown): value is Promise<unknown> {
  switch (typeof value) {
    case 'object':
    case 'function':
      return isThenable(value);
    default:
      return false;
  }
}
