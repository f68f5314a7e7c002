import { type ExecutionResult, parse, subscribe } from 'graphql';
import type { App } from 'statewire';
import type { LabContext } from '../support/lab.ts';
import type { Data } from '../support/socket-client.ts';
import type { SeenDiff, Visible } from './lock-oracle.ts';

const document = parse(`subscription ($token: ID!, $since: String) {
  trace(token: $token, since: $since) {
    version since reset changed cursor delta { n lines even }
  }
}`);

/** A subscription to one token that builds the state from deltas alone. */
export class Subscriber {
  readonly diffs: SeenDiff[] = [];
  readonly #app: App<LabContext>;
  readonly #token: string;
  readonly #onActivity: () => void;
  #results: AsyncGenerator<ExecutionResult<Data>> | null = null;
  #cursor: string | null = null;
  #state = {} as Visible;

  constructor(app: App<LabContext>, token: string, onActivity: () => void) {
    this.#app = app;
    this.#token = token;
    this.#onActivity = onActivity;
  }

  get connected(): boolean {
    return this.#results !== null;
  }

  /** Goes on from where it left, if it did. */
  async connect(): Promise<void> {
    const results = await subscribe({
      schema: this.#app.schema,
      document,
      variableValues: { token: this.#token, since: this.#cursor },
    });
    if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results));
    this.#results = results as AsyncGenerator<ExecutionResult<Data>>;
    void this.#read(this.#results);
  }

  async leave(): Promise<void> {
    const results = this.#results;
    this.#results = null;
    await results?.return(undefined);
  }

  async #read(results: AsyncGenerator<ExecutionResult<Data>>): Promise<void> {
    for await (const { data, errors } of results) {
      if (errors) throw errors[0];
      const { cursor, delta, ...diff } = data.trace;
      const changed: string[] = diff.changed.toSorted();
      const values = changed.map((name) => [name.toLowerCase(), delta[name.toLowerCase()]]);
      this.#state = { ...this.#state, ...Object.fromEntries(values) };
      this.#cursor = cursor;
      this.diffs.push({ ...diff, changed, state: this.#state });
      this.#onActivity();
    }
  }
}
