import { countOf, type Few, forEachOf, withItem, withoutItem } from './few.ts';
import type { TokenWatcher } from './state-store.ts';

/** One for each time that somebody began to watch: the same watcher may do so twice. */
interface Registration {
  readonly watcher: TokenWatcher;
}

/** All who watch a token. */
export class Watchers implements TokenWatcher {
  #registrations: Few<Registration> = null;

  get size(): number {
    return countOf(this.#registrations);
  }

  /** Until the returned function is called. */
  add(watcher: TokenWatcher): () => void {
    const registration = { watcher };
    this.#registrations = withItem(this.#registrations, registration);
    return () => {
      this.#registrations = withoutItem(this.#registrations, registration);
    };
  }

  onCommit(): void {
    forEachOf(this.#registrations, tellOfCommit);
  }

  onTasks(): void {
    forEachOf(this.#registrations, tellOfTasks);
  }

  onCancel(taskId: string): void {
    forEachOf(this.#registrations, ({ watcher }) => watcher.onCancel(taskId));
  }
}

function tellOfCommit({ watcher }: Registration): void {
  watcher.onCommit();
}

function tellOfTasks({ watcher }: Registration): void {
  watcher.onTasks();
}
