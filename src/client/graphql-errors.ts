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

/** The client was disposed of: it subscribes to nothing any more. */
export class ClientDisposedError extends Error {
  override readonly name = 'ClientDisposedError';
}

/** What to do after a subscription was ended by an error. */
export type Remedy = 'retry' | 'begin anew' | 'give up';

/** By what it was ended: GraphQL errors, a `CloseEvent`, an `Error`, or nothing, since it was just over. */
export function remedyFor(reason: unknown): Remedy {
  if (!isErrors(reason)) return isRefusal(reason) ? 'give up' : 'retry';
  const codes = reason.map(({ extensions }) => extensions?.['code']);
  if (codes.includes('INVALID_CURSOR')) return 'begin anew';
  return reason.every(isPassing) ? 'retry' : 'give up';
}

export function refusal(reason: unknown): SubscriptionRefusedError {
  if (reason instanceof SubscriptionRefusedError) return reason;
  return new SubscriptionRefusedError(isErrors(reason) ? reason : [], { cause: reason });
}

function isErrors(reason: unknown): reason is readonly GraphQLErrorLike[] {
  return Array.isArray(reason);
}

/** What failed on the server without a reason that it would tell may succeed the next time. */
function isPassing({ extensions }: GraphQLErrorLike): boolean {
  return extensions?.['retryable'] === true || extensions?.['code'] === 'INTERNAL_SERVER_ERROR';
}

/** Codes of close events by which a server of graphql-ws says that who connects must not. */
const refusingCodes: readonly unknown[] = [4401, 4403];

/** Answers of 4xx that say nothing of who asks, but of when. */
const passingStatuses: readonly number[] = [408, 425, 429];

function isRefusal(reason: unknown): boolean {
  if (reason instanceof SubscriptionRefusedError || reason instanceof ClientDisposedError)
    return true;
  const { code, response } = (reason ?? {}) as Failure;
  const status = response?.status ?? 0;
  const isRefused = status >= 400 && status < 500 && !passingStatuses.includes(status);
  return isRefused || refusingCodes.includes(code);
}

/** A `CloseEvent`, or an error of graphql-sse that has the server's answer. */
interface Failure {
  readonly code?: unknown;
  readonly response?: { readonly status?: number };
}
