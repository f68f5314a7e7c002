import type { App } from './app.ts';
import { type ClosingOptions, completeTimes } from './closing-times.ts';
import { exitOnSignals } from './exit-on-signals.ts';

/** A process that runs an app's durable tasks, and serves no clients. */
export interface Worker {
  /** Resolves when the app's store can be used: tasks are run from then on, until {@link close}. */
  start(): Promise<void>;
  /**
   * Hands the durable tasks over that run here, and takes nothing new. Events, and other
   * tasks, have `graceMs`; those that are left are cancelled. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Runs the durable tasks of an app whose clients are served by other processes, on the
 * same store.
 *
 * @throws TypeError for times that make no sense.
 */
export function createWorker<Context>(app: App<Context>, options: ClosingOptions = {}): Worker {
  const { graceMs, exitAfterMs } = completeTimes(options);
  let closing: Promise<void> | null = null;
  let ignoreSignals = () => {};

  const worker: Worker = {
    async start() {
      try {
        await app.opened;
      } catch (error) {
        await worker.close();
        throw error;
      }
      if (options.handleSignals ?? true) {
        ignoreSignals = exitOnSignals({ close: worker.close, exitAfterMs, logger: app.logger });
      }
    },
    close() {
      closing ??= app.close({ graceMs }).finally(() => ignoreSignals());
      return closing;
    },
  };
  return worker;
}
