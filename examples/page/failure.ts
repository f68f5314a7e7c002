import type { CombinedError } from '@urql/core';

/** Why an operation failed, in words for the user of the page. */
export class Failure extends Error {
  /** The server's `extensions.code`; `UNREACHABLE` if there was no answer. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
  }

  static from(cause: CombinedError | undefined): Failure {
    const [first] = cause?.graphQLErrors ?? [];
    if (!first) return new Failure('UNREACHABLE', 'The server cannot be reached.', { cause });
    const { code } = first.extensions;
    return new Failure(typeof code === 'string' ? code : 'UNKNOWN', first.message, { cause });
  }
}
