import { type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, MessageType } from 'graphql-ws';
import { withoutInternals } from '../prepare-operation.ts';

/** A connection: its promise resolves when it has room for more. */
interface Sender {
  send(data: string): Promise<void> | undefined;
}

type SenderContext = Context<Record<string, unknown>, Sender>;
type Results = AsyncIterableIterator<ExecutionResult>;

/**
 * Sends the results of one subscription, each when its socket has room for it. The loop of
 * graphql-ws does the same, but keeps a function, a message and its arguments for as long as
 * it waits: 0.8 KB more. All that clients say of the subscription is still between them and
 * graphql-ws, which has it among its `subscriptions`.
 */
export class Delivery {
  readonly #context: SenderContext;
  readonly #id: string;
  readonly #results: Results;

  constructor(context: SenderContext, id: string, results: Results) {
    this.#context = context;
    this.#id = id;
    this.#results = results;
  }

  begin(): void {
    this.#context.subscriptions[this.#id] = this.#results as never;
    this.#ask();
  }

  readonly #send = ({ done, value }: IteratorResult<ExecutionResult>): void => {
    if (done) {
      if (this.#end()) this.#tell(MessageType.Complete);
      return;
    }
    try {
      const payload = value.errors ? { ...value, errors: withoutInternals(value.errors) } : value;
      const sent = this.#tell(MessageType.Next, payload);
      if (sent) void sent.then(() => this.#ask());
      else this.#ask();
    } catch (error) {
      // It cannot be written as JSON.
      void this.#results.return?.();
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (!this.#end()) return;
    const originalError = error instanceof Error ? error : new Error(String(error));
    const told = new GraphQLError(originalError.message, { originalError });
    this.#tell(MessageType.Error, withoutInternals([told]));
  };

  #ask(): void {
    this.#results.next().then(this.#send, this.#fail);
  }

  #tell(type: MessageType, payload?: unknown): Promise<void> | undefined {
    return this.#context.extra.send(JSON.stringify({ id: this.#id, type, payload }));
  }

  /** Whether its client still waits for it. */
  #end(): boolean {
    const { subscriptions } = this.#context;
    if (subscriptions[this.#id] !== (this.#results as never)) return false;
    delete subscriptions[this.#id];
    return true;
  }
}
