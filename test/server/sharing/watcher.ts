import type { SubscriptionClient } from 'statewire/client';
import type { Result } from '../../support/socket-client.ts';
import { until } from '../../support/until.ts';

interface Operation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** A subscriber that keeps all that it gets. */
export class Watcher {
  readonly results: Result[] = [];
  /** What ended it, other than itself. */
  failure: unknown = null;
  readonly leave: () => void;

  constructor(client: SubscriptionClient, operation: Operation) {
    this.leave = client.subscribe(operation, {
      next: (result) => this.results.push(result as Result),
      error: (error) => {
        this.failure = error;
      },
      complete: () => {},
    });
  }
}

/** Resolves when each has so many results; rejects if one of them is over. */
export async function allHave(watchers: readonly Watcher[], count: number): Promise<void> {
  const isOver = ({ failure }: Watcher) => failure !== null;
  await until(
    () => watchers.some(isOver) || watchers.every(({ results }) => results.length >= count),
    `${count} results for each of ${watchers.length} subscribers`,
    25_000,
  );
  const failed = watchers.find(isOver);
  if (failed) throw new Error('Expected subscriptions to go on.', { cause: failed.failure });
}

/** The different things that subscribers got in all: one if all of them got the same. */
export function differentResults(watchers: readonly Watcher[]): Result[][] {
  const texts = new Set(watchers.map(({ results }) => JSON.stringify(results)));
  return [...texts].map((text) => JSON.parse(text));
}
