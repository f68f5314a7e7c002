/**
 * How a value becomes part of a result where every field is pure. On anything that
 * graphql-js would make an error or a promise of, it calls {@link abandon}: the part
 * is then made again the general way, which knows where it is.
 */
export interface PureOutput {
  /**
   * Of a value that stands in no snapshot, a payload's state for instance; `before` is what
   * stands at the same place of the previous result, if anything does.
   */
  enter(value: unknown, before: unknown): unknown;
  /**
   * Of a part of a snapshot; `before` is what was made of `from`, a part of a snapshot too.
   * Both are undefined if there was none.
   */
  inside(value: unknown, before: unknown, from: unknown): unknown;
}

/** Not an error, and made once: it only says that the general way is to be taken. */
const abandoned = Symbol('abandoned');

/** Ends the making of a part, up to {@link enterUnlessAbandoned}. */
export function abandon(): never {
  throw abandoned;
}

/** What becomes of a value that is none of the kind that is wanted. */
export function absent(value: unknown, isNullable: boolean): null {
  return isNullable && (value === null || value === undefined) ? null : abandon();
}

/** What is made of a value; undefined if it was abandoned, for whatever reason. */
export function enterUnlessAbandoned(
  part: Pick<PureOutput, 'enter'>,
  value: object,
  before: unknown,
): unknown {
  try {
    return part.enter(value, before);
  } catch {
    // A resolver that throws does so again, and is then told with its place.
    return undefined;
  }
}
