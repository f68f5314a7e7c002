import { formatCursor } from '../src/stream/cursor.ts';
import type { StateDiff } from '../src/stream/token-cursor.ts';
import { DeltaPayload } from './delta-payload.ts';
import { keepLatest } from './keep-latest.ts';
import { Payload } from './payload.ts';
import { type StatePayload, statePayload } from './state-payload.ts';

/** One diff as GraphQL reads it; what is not selected is not made. */
export class DiffPayload extends Payload {
  readonly #diff: StateDiff;

  constructor(diff: StateDiff) {
    super();
    this.#diff = diff;
  }

  get version(): number {
    return this.#diff.state.version;
  }

  get since(): number {
    return this.#diff.since;
  }

  get cursor(): string {
    return formatCursor(this.#diff.key, this.#diff.position);
  }

  get reset(): boolean {
    return this.#diff.reset;
  }

  get changed(): readonly string[] {
    return this.#diff.changed;
  }

  get delta(): DeltaPayload {
    return new DeltaPayload(this.#diff);
  }

  get state(): StatePayload {
    const { key, definition, state } = this.#diff;
    return statePayload(key, definition, state);
  }

  static typename(payload: DiffPayload): string {
    return `${payload.#diff.definition.name}Diff`;
  }
}

export const diffPayload = keepLatest((diff: StateDiff) => new DiffPayload(diff));
