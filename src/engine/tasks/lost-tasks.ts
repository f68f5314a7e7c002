import type { StoredTask } from '../../store/stored-task.ts';
import type { TokenKey } from '../../tokens/token-key.ts';

/** Tasks whose process ended before they did, until somebody sees to their end. */
export class LostTasks {
  readonly #tasks = new Map<TokenKey, readonly StoredTask[]>();

  add(key: TokenKey, tasks: readonly StoredTask[]): void {
    this.#tasks.set(key, [...(this.#tasks.get(key) ?? []), ...tasks]);
  }

  has(key: TokenKey): boolean {
    return this.#tasks.has(key);
  }

  /** A token's; whoever takes them ends them. */
  take(key: TokenKey): readonly StoredTask[] {
    const taken = this.#tasks.get(key) ?? [];
    this.#tasks.delete(key);
    return taken;
  }
}
