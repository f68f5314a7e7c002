import { formatCursor } from '../src/stream/cursor.ts';
import type { StateDiff } from '../src/stream/token-cursor.ts';
import type { TokenKey } from '../src/tokens/token-key.ts';
import { DeltaPayload } from './delta-payload.ts';
import { keepLatest } from './keep-latest.ts';
import { type StatePayload, statePayload } from './state-payload.ts';

/** One diff as GraphQL reads it; what is not selected is not made. */
export class DiffPayload {
  readonly #key: TokenKey;
  readonly #diff: StateDiff;

  constructor(key: TokenKey, diff: StateDiff) {
    this.#key = key;
    this.#diff = diff;
  }

  get version(): number {
    return this.#diff.state.version;
  }

  get since(): number {
    return this.#diff.since;
  }

  get cursor(): string {
    return formatCursor(this.#key, this.#diff.position);
  }

  get reset(): boolean {
    return this.#diff.reset;
  }

  get changed(): readonly string[] {
    return this.#diff.changed;
  }

  get delta(): DeltaPayload {
    return new DeltaPayload(this.#key, this.#diff.definition, this.#diff);
  }

  get state(): StatePayload {
    return statePayload(this.#key, this.#diff.definition, this.#diff.state);
  }

  static typename(payload: DiffPayload): string {
    return `${payload.#diff.definition.name}Diff`;
  }
}

export const diffPayload = keepLatest(
  (diff: StateDiff, key: TokenKey) => new DiffPayload(key, diff),
);
