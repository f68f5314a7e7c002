import type { GraphQLErrorLike } from 'statewire/client';

/** A query or mutation that the server did not answer in full, with what it says of it. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly errors: readonly GraphQLErrorLike[];

  constructor(errors: readonly GraphQLErrorLike[]) {
    super(errors.map(({ message }) => message).join(' ') || 'Expected data, got none.');
    this.errors = errors;
  }

  /** `extensions.code` of the first error; null if it has none. */
  get code(): string | null {
    const code = this.errors[0]?.extensions?.['code'];
    return typeof code === 'string' ? code : null;
  }
}
