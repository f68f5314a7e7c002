/** The longest message of a task, in characters. */
const maxMessageLength = 1_000;

/** @throws TypeError for what a task cannot report. */
export function assertReport(progress: unknown, message: unknown): void {
  if (typeof progress !== 'number') {
    throw new TypeError(`Expected a progress from 0 to 1, got ${typeof progress}.`);
  }
  if (!(progress >= 0 && progress <= 1)) {
    throw new TypeError(`Expected a progress from 0 to 1, got ${progress}.`);
  }
  if (message === undefined) return;
  if (typeof message !== 'string') {
    throw new TypeError(`Expected a message that is a string, got ${typeof message}.`);
  }
  if (message.length > maxMessageLength) {
    throw new TypeError(
      `Expected a message of up to ${maxMessageLength} characters, got ${message.length}.`,
    );
  }
}
