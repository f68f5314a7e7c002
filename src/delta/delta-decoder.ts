import { applyPatch, freeze, PatchMismatchError } from './apply-patch.ts';
import { type DeltaMessage, deltaVersion } from './patch.ts';

interface Result {
  readonly data?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * Makes whole results again of what the server sends. Their data are frozen, as
 * later ones are made of them: what did not change is the same object in both.
 */
export class DeltaDecoder {
  #data: unknown;
  /** The number of the last difference; -1 while none can follow. */
  #number = -1;

  /** @throws {@link PatchMismatchError} if it does not follow from the ones before. */
  decode<Given extends Result>(message: Given | DeltaMessage): Given {
    if ('delta' in message) return { data: this.#patch(message.delta) } as Given;
    const { delta, ...others } = message.extensions ?? {};
    this.#number = delta === deltaVersion ? 0 : -1;
    if (delta !== deltaVersion) return message;
    this.#data = freeze(message.data);
    const { extensions: _, ...result } = message;
    return (Object.keys(others).length > 0 ? { ...result, extensions: others } : result) as Given;
  }

  #patch([number, patch]: DeltaMessage['delta']): unknown {
    if (this.#number < 0 || number !== this.#number + 1) {
      const expected = this.#number < 0 ? 'a whole result' : `difference ${this.#number + 1}`;
      throw new PatchMismatchError(`Expected ${expected}, got difference ${number}.`);
    }
    this.#data = applyPatch(this.#data, patch);
    this.#number = number;
    return this.#data;
  }
}
