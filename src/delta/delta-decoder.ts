import { applyPatch } from './apply-patch.ts';
import { type DeltaMessage, deltaVersion } from './patch.ts';

interface Result {
  readonly data?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * Makes whole results again of what the server sends. Each is made of the one
 * before: what did not change is the same object in both. They are to be read only,
 * and not frozen, since caches note things in them.
 */
export class DeltaDecoder {
  #data: unknown;
  /** The number of the last difference; -1 while none can follow. */
  #number = -1;

  /** Null for a difference that does not follow from what came before: something was lost. */
  decode<Given extends Result>(message: Given | DeltaMessage): Given | null {
    if ('delta' in message)
      return this.#patch(message.delta) ? ({ data: this.#data } as Given) : null;
    const { delta, ...others } = message.extensions ?? {};
    this.#number = delta === deltaVersion ? 0 : -1;
    if (delta !== deltaVersion) return message;
    this.#data = message.data;
    const { extensions: _, ...result } = message;
    return (Object.keys(others).length > 0 ? { ...result, extensions: others } : result) as Given;
  }

  #patch([number, patch]: DeltaMessage['delta']): boolean {
    if (this.#number < 0 || number !== this.#number + 1) return false;
    try {
      this.#data = applyPatch(this.#data, patch);
    } catch {
      // Whatever it is that cannot be applied.
      return false;
    }
    this.#number = number;
    return true;
  }
}
