import type { Logger } from '../logging/logger.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * The same signal so soon after the first, in ms, is the first: a terminal sends
 * Ctrl-C to a server and to what has started it, which may pass it on.
 */
const echoMs = 500;

interface ExitOptions {
  readonly close: () => Promise<void>;
  readonly exitAfterMs: number;
  readonly logger: Logger;
}

/**
 * On SIGTERM or SIGINT closes, and ends the process: with 0 when it is closed, with 1
 * if that fails, takes more than `exitAfterMs`, or a second signal comes. Returns how
 * to stop listening.
 */
export function exitOnSignals({ close, exitAfterMs, logger }: ExitOptions): () => void {
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | null = null;

  const onSignal = (signal: NodeJS.Signals): void => {
    if (first) {
      if (signal === first.signal && performance.now() - first.at < echoMs) return;
      logger.warn({ signal }, 'a second signal: exiting before everything is closed');
      process.exit(1);
    }
    first = { signal, at: performance.now() };
    logger.info({ signal }, 'closing');
    // Not unref'd: a process in which nothing moves any more would end by itself, with 0.
    setTimeout(() => {
      logger.error({ exitAfterMs }, 'closing takes too long: exiting before everything is closed');
      process.exit(1);
    }, exitAfterMs);
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };

  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
