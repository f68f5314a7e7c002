import type { GraphQLErrorLike } from 'statewire/client';

/** Why an operation failed, in words for the user of the page. */
export class Failure extends Error {
  /** The server's `extensions.code`; `UNREACHABLE` if there was no answer. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
  }

  static from(errors: readonly GraphQLErrorLike[], cause: unknown): Failure {
    const [first] = errors;
    if (!first) return new Failure('UNREACHABLE', 'The server cannot be reached.', { cause });
    const code = first.extensions?.['code'];
    return new Failure(typeof code === 'string' ? code : 'UNKNOWN', first.message, { cause });
  }
}
