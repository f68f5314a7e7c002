import { Given } from '../../../delta/given.ts';
import { isObject } from '../../../values/plain.ts';

/** What a part of a result was made of, and by which part of a plan. */
interface Origin {
  readonly maker: object;
  readonly source: object;
}

/**
 * One on each part of a result with which a snapshot begins, not on each object in it; in a
 * private field: a WeakMap would keep every source up to the next full collection.
 */
class OriginMark extends Given {
  readonly #origin: Origin;

  constructor(result: object, origin: Origin) {
    super(result);
    this.#origin = origin;
  }

  static originOf(result: object): Origin | undefined {
    return #origin in result ? result.#origin : undefined;
  }
}

/** What a part of a previous result was made of, if the same part of a plan has made it. */
export function originOf(result: unknown, maker: object): object | undefined {
  const origin = isObject(result) ? OriginMark.originOf(result) : undefined;
  return origin?.maker === maker ? origin.source : undefined;
}

/** Notes it of a part that was just made. */
export function noteOrigin(result: unknown, origin: Origin): void {
  if (isObject(result)) new OriginMark(result, origin);
}
