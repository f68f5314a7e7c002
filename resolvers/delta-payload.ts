import type { StateDiff } from '../src/stream/token-cursor.ts';
import { StatePayload } from './state-payload.ts';

/** A state of which only the vars that changed are read. */
export class DeltaPayload extends StatePayload {
  readonly #changed: ReadonlySet<string>;

  constructor({ key, definition, state, changed }: StateDiff) {
    super(key, definition, state);
    this.#changed = new Set(changed);
  }

  static hasChanged(payload: DeltaPayload, name: string): boolean {
    return payload.#changed.has(name);
  }
}
