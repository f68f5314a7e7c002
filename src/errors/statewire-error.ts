import { type ErrorCode, errorCodes } from './error-codes.ts';

/**
 * The base of every error that statewire throws on purpose. Its message is
 * written for clients: it is never masked, and never holds a token or a value
 * of somebody's state.
 */
export abstract class StatewireError extends Error {
  readonly code: ErrorCode;
  /** Whether the same request may succeed when it is sent again unchanged. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.name = new.target.name;
  }

  /** What GraphQL servers copy into the error's `extensions`. */
  get extensions(): { readonly code: ErrorCode; readonly retryable: boolean } {
    return { code: this.code, retryable: this.retryable };
  }
}
