import { isLonger } from './is-longer.ts';
import { deltaVersion } from './patch.ts';
import { writePatch } from './write-patch.ts';
import { WrittenDelta } from './written-delta.ts';

/** What of a result the encoder looks at; the rest stays as it is. */
interface Result {
  readonly data?: unknown;
  readonly errors?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly hasNext?: unknown;
}

/** Longer differences are held against their whole result, each time. */
const certainlyShort = 256;

/**
 * Turns the results of one subscription into differences to the ones before,
 * where those are shorter. Whole are the first, and those with errors or
 * extensions; a whole one says in `extensions.delta` that differences follow.
 * Keeps the data of the last result, and changes nothing in it.
 */
export class DeltaEncoder {
  #last: unknown;
  /** How many differences were sent since the last whole result. */
  #sent = 0;

  encode(result: Result): Result | WrittenDelta {
    const { data, errors, extensions, hasNext } = result;
    // Its parts come later, and are not numbered; nothing can follow from it.
    if (hasNext !== undefined) {
      this.#last = undefined;
      return result;
    }
    const last = this.#last;
    this.#last = data ?? undefined;
    if (last === undefined || !data || errors || extensions) return this.#whole(result);
    const message = new WrittenDelta(this.#sent + 1, writePatch(last, data) ?? '{}');
    const { length } = message.text;
    if (length >= certainlyShort && !isLonger(asWhole(result), length)) return this.#whole(result);
    this.#sent += 1;
    return message;
  }

  #whole(result: Result): Result {
    this.#sent = 0;
    return asWhole(result);
  }
}

function asWhole(result: Result): Result {
  return { ...result, extensions: { ...result.extensions, delta: deltaVersion } };
}
