/** An error as GraphQL has it in its responses. */
export interface GraphQLErrorLike {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The server has refused a subscription, and would refuse it again. */
export class SubscriptionRefusedError extends Error {
  override readonly name = 'SubscriptionRefusedError';
  /** What the server said of it; empty if it refused the connection. */
  readonly errors: readonly GraphQLErrorLike[];

  constructor(errors: readonly GraphQLErrorLike[], options?: ErrorOptions) {
    const messages = errors.map(({ message }) => message);
    super(messages.join(' ') || 'The server refuses the connection.', options);
    this.errors = errors;
  }
}

/** What to do after a subscription was ended by an error. */
export type Remedy = 'retry' | 'begin anew' | 'give up';

/** By what it was ended: GraphQL errors, a `CloseEvent`, an `Error`, or nothing, since it was just over. */
export function remedyFor(reason: unknown): Remedy {
  if (!isErrors(reason)) return isRefusal(reason) ? 'give up' : 'retry';
  if (reason.some(({ extensions }) => extensions?.['code'] === 'INVALID_CURSOR')) {
    return 'begin anew';
  }
  return reason.every(({ extensions }) => extensions?.['retryable'] === true) ? 'retry' : 'give up';
}

export function refusal(reason: unknown): SubscriptionRefusedError {
  if (reason instanceof SubscriptionRefusedError) return reason;
  return new SubscriptionRefusedError(isErrors(reason) ? reason : [], { cause: reason });
}

function isErrors(reason: unknown): reason is readonly GraphQLErrorLike[] {
  return Array.isArray(reason);
}

/** The codes by which graphql-ws says that who connects must not. */
function isRefusal(reason: unknown): boolean {
  const { code } = (reason ?? {}) as { readonly code?: unknown };
  return reason instanceof SubscriptionRefusedError || code === 4401 || code === 4403;
}
