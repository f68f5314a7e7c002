/** Which wrong store a node has, see broken-stores.ts; one that is not wrong by default. */
export type Fault = 'dies at hand-over' | 'saves late' | 'is not fenced';

/** What a node is told when it starts. */
export interface Settings {
  /** What it is called in the journal. */
  readonly name: string;
  /** The folder of the journal and the gate. */
  readonly folder: string;
  /** Where its store is: a folder for one on the disk, or the URL of a Redis. */
  readonly place: string;
  readonly leaseMs?: number;
  readonly fault?: Fault;
  /** `web` runs no durable tasks, `worker` serves no clients. Default: both. */
  readonly role?: 'web' | 'worker';
  /** Where it listens; on a free one by default. */
  readonly port?: number;
}
