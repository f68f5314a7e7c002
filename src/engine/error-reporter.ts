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
    const onFailure = (failure: unknown) => {
      logger.error({ err: failure, source }, 'onError threw');
    };
    try {
      // It may be async, whatever its type says.
      Promise.resolve(onError(error, source)).catch(onFailure);
    } catch (failure) {
      onFailure(failure);
    }
  }

  knows(error: unknown): boolean {
    return isObject(error) && this.#known.has(error);
  }
}
