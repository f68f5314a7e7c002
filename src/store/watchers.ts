import type { TokenWatcher } from './state-store.ts';

/** All who watch a token. */
export class Watchers implements TokenWatcher {
  /** One for each time that somebody began to: the same watcher may do so twice. */
  readonly #registrations = new Set<{ readonly watcher: TokenWatcher }>();

  get size(): number {
    return this.#registrations.size;
  }

  /** Until the returned function is called. */
  add(watcher: TokenWatcher): () => void {
    const registration = { watcher };
    this.#registrations.add(registration);
    return () => this.#registrations.delete(registration);
  }

  onCommit(): void {
    for (const { watcher } of this.#registrations) watcher.onCommit();
  }

  onTasks(): void {
    for (const { watcher } of this.#registrations) watcher.onTasks();
  }

  onCancel(taskId: string): void {
    for (const { watcher } of this.#registrations) watcher.onCancel(taskId);
  }
}
