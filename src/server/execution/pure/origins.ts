import { isObject } from '../trusted-source.ts';

/** What a part of a result was made of, and by which part of a plan. */
interface Origin {
  readonly maker: object;
  readonly source: object;
}

/** One for each part of a result with which a snapshot begins, not for each object in it. */
const origins = new WeakMap<object, Origin>();

/** What a part of a previous result was made of, if the same part of a plan has made it. */
export function originOf(result: unknown, maker: object): object | undefined {
  const origin = isObject(result) ? origins.get(result) : undefined;
  return origin?.maker === maker ? origin.source : undefined;
}

export function noteOrigin(result: unknown, origin: Origin): void {
  if (isObject(result)) origins.set(result, origin);
}
