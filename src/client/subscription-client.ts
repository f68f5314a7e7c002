/** An operation as clients of GraphQL over WebSocket and server-sent events send it. */
export interface OperationPayload {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly extensions?: Record<string, unknown> | null;
}

/** Where a client puts what comes. */
export interface ResultSink {
  next(result: unknown): void;
  /** A `CloseEvent`, an `Error`, or a list of GraphQL errors. */
  error(error: unknown): void;
  complete(): void;
}

/** How the connection of one subscription is: graphql-sse tells it like this. */
export interface ConnectionListener {
  connecting?(isRetry: boolean): void;
  connected?(isRetry: boolean): void;
}

/**
 * What clients of `graphql-ws` and `graphql-sse` have in common. Named by its
 * shape, so that neither is needed for the other.
 */
export interface SubscriptionClient {
  // Methods, so that a client with a narrower payload or sink is one too.
  subscribe(payload: OperationPayload, sink: ResultSink, on?: ConnectionListener): () => void;
  /** Of `graphql-ws`: how the one connection of all subscriptions is. */
  on?(event: 'connected' | 'closed', listener: () => void): () => void;
}
