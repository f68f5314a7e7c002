/** A token whose events are sent one after the other. */
export interface EventSource {
  /** What has come in for it, in bytes. */
  readonly bytes: number;
  /** Sends an event, and calls `done` when all that it brings about has come in. */
  fire(done: () => void): void;
  close(): void;
}
