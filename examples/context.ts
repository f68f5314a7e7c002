import type { App } from 'statewire';

/** What every event of the examples gets as its context. */
export interface ExampleContext {
  readonly app: App<ExampleContext>;
  /** Where the low-level example fetches from: this server itself. */
  readonly dataUrl: string;
  /** Whether the request is one of the staff's. */
  readonly staff: boolean;
}
