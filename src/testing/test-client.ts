import { type DocumentNode, type ExecutionResult, type GraphQLError, print } from 'graphql';
import type { Pipeline } from '../server/graphql-pipeline.ts';
import { textForClients, withoutInternals } from '../server/operation/for-clients.ts';
import {
  type OperationParams,
  type PreparedOperation,
  prepareOperation,
} from '../server/prepare-operation.ts';
import { turn } from '../time/turn.ts';

/** A document whose result and variables are typed, as GraphQL Code Generator makes them. */
export type TypedDocument<Data, Variables> = DocumentNode & {
  /** For inference only, never called. */
  __apiType?: (variables: Variables) => Data;
};

/** The variables that a test passes: those of the operation, without `token` if the client's own is meant. */
type TestVariables<Variables> = Omit<Variables, 'token'> & { readonly token?: string };

type VariablesArgument<Variables> =
  Record<never, never> extends TestVariables<Variables>
    ? [variables?: TestVariables<Variables>]
    : [variables: TestVariables<Variables>];

type Document = string | DocumentNode;
type Variables = Readonly<Record<string, unknown>>;

/**
 * A client without a network: its operations go through the same parsing,
 * validation, context, execution and masking as those of a server.
 */
export interface TestClient {
  /** The client's token. The variable `$token` of every operation is it, unless another is given. */
  readonly token: string;

  /** The whole result of a query or a mutation, errors included. */
  execute(document: Document, variables?: Variables): Promise<ExecutionResult>;

  /**
   * The data of a query or a mutation.
   *
   * @throws Error if the result has errors; they are its `cause`.
   */
  run<Data, Given>(
    document: TypedDocument<Data, Given>,
    ...variables: VariablesArgument<Given>
  ): Promise<Data>;
  run<Data = unknown>(document: string, variables?: Variables): Promise<Data>;

  /** A subscription whose results are taken one by one. */
  subscribe<Data, Given>(
    document: TypedDocument<Data, Given>,
    ...variables: VariablesArgument<Given>
  ): TestSubscription<Data>;
  subscribe<Data = unknown>(document: string, variables?: Variables): TestSubscription<Data>;
}

/** @param open keeps the subscriptions, so that they can be ended together. */
export function createTestClient(
  token: string,
  pipeline: Pipeline,
  open: Set<TestSubscription<unknown>>,
): TestClient {
  return new PipelineClient(token, pipeline, open) as TestClient;
}

class PipelineClient {
  readonly token: string;
  readonly #pipeline: Pipeline;
  readonly #open: Set<TestSubscription<unknown>>;

  constructor(token: string, pipeline: Pipeline, open: Set<TestSubscription<unknown>>) {
    this.token = token;
    this.#pipeline = pipeline;
    this.#open = open;
  }

  async execute(document: Document, variables: Variables = {}): Promise<ExecutionResult> {
    const prepared = await this.#prepare(document, variables);
    if (!isPrepared(prepared)) return { errors: withoutInternals(prepared) as never };
    if (prepared.kind === 'subscription') {
      throw new TypeError('Expected a query or a mutation, got a subscription: use subscribe().');
    }
    return shown((await this.#pipeline.execute(prepared)) as ExecutionResult);
  }

  async run(document: Document, variables: Variables = {}): Promise<unknown> {
    return dataOf(await this.execute(document, variables));
  }

  subscribe(document: Document, variables: Variables = {}): TestSubscription<unknown> {
    const subscription = new TestSubscription<unknown>(this.#subscribe(document, variables));
    this.#open.add(subscription);
    return subscription;
  }

  async #subscribe(
    document: Document,
    variables: Variables,
  ): Promise<AsyncIterableIterator<ExecutionResult>> {
    const prepared = await this.#prepare(document, variables);
    if (!isPrepared(prepared)) throw failure(withoutInternals(prepared));
    if (prepared.kind !== 'subscription') {
      throw new TypeError('Expected a subscription, got a query or a mutation: use run().');
    }
    const results = (await this.#pipeline.subscribe(prepared)) as
      | AsyncIterableIterator<ExecutionResult>
      | ExecutionResult;
    if (Symbol.asyncIterator in results) return results;
    throw failure(shown(results).errors ?? []);
  }

  #prepare(document: Document, variables: Variables): ReturnType<typeof prepareOperation> {
    const params: OperationParams = {
      query: typeof document === 'string' ? document : print(document),
      variables: { token: this.token, ...variables },
    };
    const request = new Request('http://localhost/graphql', { method: 'POST' });
    return prepareOperation(this.#pipeline, params, { request, connectionParams: null });
  }
}

/** The results of a subscription, in order. It ends with the test app at the latest. */
export class TestSubscription<Data> implements AsyncIterableIterator<Data> {
  readonly #results: Promise<AsyncIterableIterator<ExecutionResult>>;
  /** The next result, if it was asked for to see whether it has come. */
  #asked: Promise<IteratorResult<ExecutionResult>> | null = null;

  /** @internal Use `client.subscribe()`. */
  constructor(results: Promise<AsyncIterableIterator<ExecutionResult>>) {
    this.#results = results;
    // Told to whoever takes a result.
    results.catch(() => {});
  }

  /** @throws Error if the result has errors, or the operation was refused. */
  async next(): Promise<IteratorResult<Data>> {
    const { done, value } = await this.#take();
    return done ? { done, value: undefined } : { done: false, value: dataOf(shown(value)) as Data };
  }

  /**
   * The data of the results that have come and were not taken: none, if nothing
   * has happened. Waits for nothing but what is on its way.
   */
  async pending(): Promise<Data[]> {
    const taken: Data[] = [];
    while (await this.#hasCome()) {
      const { done, value } = await this.next();
      if (done) break;
      taken.push(value);
    }
    return taken;
  }

  async #hasCome(): Promise<boolean> {
    let hasCome = false;
    this.#asked ??= this.#ask();
    this.#asked.then(
      () => {
        hasCome = true;
      },
      () => {
        hasCome = true;
      },
    );
    for (let turns = 0; turns < 10 && !hasCome; turns += 1) {
      await turn();
    }
    return hasCome;
  }

  async #take(): Promise<IteratorResult<ExecutionResult>> {
    const asked = this.#asked ?? this.#ask();
    this.#asked = null;
    return asked;
  }

  async #ask(): Promise<IteratorResult<ExecutionResult>> {
    return (await this.#results).next();
  }

  /**
   * The data of as many as `count` results.
   *
   * @throws Error if the subscription ends before.
   */
  async take(count: number): Promise<Data[]> {
    const taken: Data[] = [];
    while (taken.length < count) {
      const { done, value } = await this.next();
      if (done) throw new Error(`Expected ${count} results, got ${taken.length} and the end.`);
      taken.push(value);
    }
    return taken;
  }

  /** Ends the subscription, as a client that leaves. */
  async return(): Promise<IteratorResult<Data>> {
    const results = await this.#results.catch(() => null);
    await results?.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function isPrepared(
  prepared: PreparedOperation | readonly GraphQLError[],
): prepared is PreparedOperation {
  return !Array.isArray(prepared);
}

/** As a client sees it: plain data. */
function shown(result: ExecutionResult): ExecutionResult {
  const { extensions: _extensions, ...plain } = result;
  return JSON.parse(textForClients(plain)) as ExecutionResult;
}

function dataOf({ data, errors }: ExecutionResult): unknown {
  if (errors) throw failure(errors);
  return data;
}

function failure(errors: readonly { readonly message: string }[]): Error {
  const messages = errors.map(({ message }) => message).join('\n');
  return new Error(`The operation failed: ${messages}`, { cause: errors });
}
