import { maxTimerMs } from '../time/max-timer-ms.ts';

/** When and how fast a process closes. */
export interface ClosingOptions {
  /** How long events and tasks may go on, in ms, when it closes. Default: 2,000. */
  readonly graceMs?: number;
  /**
   * Close on SIGTERM and SIGINT, then exit with 0. A second signal meanwhile exits
   * with 1 at once. Default: true.
   */
  readonly handleSignals?: boolean;
  /**
   * How long after a signal the process exits with 1, in ms, if it is not closed by
   * then, whatever hangs; more than `graceMs`. Default: `graceMs` + 8,000.
   */
  readonly exitAfterMs?: number;
}

/** How long a server takes to close. */
export interface ClosingTimes {
  /** For events and tasks. */
  readonly graceMs: number;
  /** From a signal to the end of the process, at most. */
  readonly exitAfterMs: number;
}

/** What each step after `graceMs` may take, in ms: `onExit`s, the store, answers, sockets. */
export const stepMs = 1_000;

/** Beyond `graceMs`, in ms: all steps, and as much again. */
const defaultRestMs = 8_000;

/** @throws TypeError for times that make no sense. */
export function completeTimes({
  graceMs = 2_000,
  exitAfterMs = graceMs + defaultRestMs,
}: Partial<ClosingTimes>): ClosingTimes {
  if (!isTime(graceMs) || graceMs > maxTimerMs - defaultRestMs) {
    throw new TypeError(
      `Expected graceMs to be a number, 0 or more, up to 24 days in ms, got ${graceMs}.`,
    );
  }
  if (!isTime(exitAfterMs) || exitAfterMs <= graceMs) {
    throw new TypeError(
      `Expected exitAfterMs to be a number, more than graceMs (${graceMs}), up to 24 days in ms, got ${exitAfterMs}.`,
    );
  }
  return { graceMs, exitAfterMs };
}

function isTime(ms: unknown): boolean {
  return typeof ms === 'number' && ms >= 0 && ms <= maxTimerMs;
}
