import { detached } from '../values/detached.ts';
import type { EngineOptions } from './engine-options.ts';

type Contexts = Pick<EngineOptions, 'taskContext' | 'eventContext'>;

/**
 * Whom an event or a task acts for. Events get the request's context; what
 * outlives the request gets the value that `taskContext` made of it.
 */
export class Origin {
  readonly eventContext: unknown;
  readonly #contexts: Contexts;
  #taskContext: { readonly value: unknown } | null;

  private constructor(
    contexts: Contexts,
    eventContext: unknown,
    taskContext: { readonly value: unknown } | null,
  ) {
    this.#contexts = contexts;
    this.eventContext = eventContext;
    this.#taskContext = taskContext;
  }

  static ofRequest(contexts: Contexts, context: unknown): Origin {
    return new Origin(contexts, context, null);
  }

  /** For what a task triggers, or with null for what the server starts by itself. */
  static ofTask(contexts: Contexts, taskContext: unknown): Origin {
    return new Origin(contexts, contexts.eventContext(taskContext), { value: taskContext });
  }

  /** Made once for each request, when its first task is triggered. */
  get taskContext(): unknown {
    this.#taskContext ??= { value: detached(this.#contexts.taskContext(this.eventContext)) };
    return this.#taskContext.value;
  }
}
