/** What a server is told when it starts. */
export interface Settings {
  /** The folder of its store; none for one in memory. */
  readonly dataDir?: string;
  /** Whether closing its store never ends. */
  readonly storeHangs?: boolean;
  readonly graceMs?: number;
  readonly exitAfterMs?: number;
}
