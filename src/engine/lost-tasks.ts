import type { StateStore, TaskRecord } from '../store/state-store.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** Tasks whose process ended before they did, until somebody sees to their end. */
export class LostTasks {
  readonly #records: Promise<Map<TokenKey, readonly TaskRecord[]>>;

  constructor(store: StateStore) {
    this.#records = store.takeLostTasks().then((records) => new Map(records));
    // Told to everybody who asks.
    this.#records.catch(() => {});
  }

  async keys(): Promise<TokenKey[]> {
    return [...(await this.#records).keys()];
  }

  async has(key: TokenKey): Promise<boolean> {
    return (await this.#records).has(key);
  }

  /** A token's; whoever takes them ends them. */
  async take(key: TokenKey): Promise<readonly TaskRecord[]> {
    const records = await this.#records;
    const taken = records.get(key) ?? [];
    records.delete(key);
    return taken;
  }
}
