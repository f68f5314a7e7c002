import type { TaskRecord } from '../store/state-store.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** Tasks whose process ended before they did, until somebody sees to their end. */
export class LostTasks {
  readonly #records = new Map<TokenKey, readonly TaskRecord[]>();

  add(key: TokenKey, records: readonly TaskRecord[]): void {
    this.#records.set(key, [...(this.#records.get(key) ?? []), ...records]);
  }

  has(key: TokenKey): boolean {
    return this.#records.has(key);
  }

  /** A token's; whoever takes them ends them. */
  take(key: TokenKey): readonly TaskRecord[] {
    const taken = this.#records.get(key) ?? [];
    this.#records.delete(key);
    return taken;
  }
}
