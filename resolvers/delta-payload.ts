import type { StateDefinition } from '../src/state/definitions.ts';
import type { StateSnapshot } from '../src/state/snapshot.ts';
import type { TokenKey } from '../src/tokens/token-key.ts';
import { StatePayload } from './state-payload.ts';

/** A state of which only the vars that changed are read. */
export class DeltaPayload extends StatePayload {
  readonly #changed: ReadonlySet<string>;

  constructor(
    key: TokenKey,
    definition: StateDefinition,
    delta: { readonly state: StateSnapshot; readonly changed: readonly string[] },
  ) {
    super(key, definition, delta.state);
    this.#changed = new Set(delta.changed);
  }

  static hasChanged(payload: DeltaPayload, name: string): boolean {
    return payload.#changed.has(name);
  }
}
