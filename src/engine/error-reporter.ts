import { isObject } from '../values/plain.ts';
import type { EngineOptions, ErrorSource } from './engine-options.ts';

/** Tells `onError`, and remembers what it has told. */
export class ErrorReporter {
  readonly #options: Pick<EngineOptions, 'onError' | 'logger'>;
  readonly #known = new WeakSet<object>();

  constructor(options: Pick<EngineOptions, 'onError' | 'logger'>) {
    this.#options = options;
  }

  report(error: unknown, source: ErrorSource): void {
    if (isObject(error)) this.#known.add(error);
    const { onError, logger } = this.#options;
    try {
      onError(error, source);
    } catch (failure) {
      logger.error({ err: failure, source }, 'onError threw');
    }
  }

  knows(error: unknown): boolean {
    return isObject(error) && this.#known.has(error);
  }
}
