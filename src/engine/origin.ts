import type { EventDefinition } from '../state/definitions.ts';
import { settle } from '../values/settle.ts';
import type { EngineOptions } from './engine-options.ts';

/** A task, as what it has triggered knows it. */
export interface ParentTask {
  readonly id: string;
  readonly event: EventDefinition;
  /** Aborts when it is cancelled, or otherwise may do nothing more; null for what does not go with it. */
  readonly fence: AbortSignal | null;
}

type Contexts = Pick<EngineOptions, 'taskContext' | 'eventContext'>;

/**
 * Whom an event or a task acts for. Events get the request's context; what
 * outlives the request gets the value that `taskContext` made of it.
 */
export class Origin {
  readonly #contexts: Contexts;
  #eventContext: { readonly value: unknown } | null;
  #taskContext: { readonly value: unknown } | null;
  /** The task that has triggered it, itself or through events; null if none has. */
  readonly parent: ParentTask | null;

  private constructor(
    contexts: Contexts,
    from: {
      readonly eventContext?: { readonly value: unknown };
      readonly taskContext?: { readonly value: unknown };
      readonly parent?: ParentTask;
    },
  ) {
    this.#contexts = contexts;
    this.#eventContext = from.eventContext ?? null;
    this.#taskContext = from.taskContext ?? null;
    this.parent = from.parent ?? null;
  }

  static ofRequest(contexts: Contexts, context: unknown): Origin {
    return new Origin(contexts, { eventContext: { value: context } });
  }

  /** For what the server starts by itself. */
  static ofServer(contexts: Contexts): Origin {
    return Origin.ofTask(contexts, null);
  }

  /** For what a task leaves behind whose request is long over. */
  static ofTask(contexts: Contexts, taskContext: unknown): Origin {
    return new Origin(contexts, { taskContext: { value: taskContext } });
  }

  /** The same without the request, which is over before the task is. */
  forTask(): Origin {
    const { parent } = this;
    const taskContext = { value: this.taskContext };
    return new Origin(this.#contexts, parent ? { taskContext, parent } : { taskContext });
  }

  /** For what begins also if its task is cancelled, and for all that it triggers. */
  lasting(): Origin {
    const { parent } = this;
    return parent ? this.within({ ...parent, fence: null }) : this;
  }

  /** For what a task triggers. */
  within(parent: ParentTask): Origin {
    return new Origin(this.#contexts, { taskContext: { value: this.taskContext }, parent });
  }

  /** What events get: the request's context, or what `eventContext` makes of the task's. */
  get eventContext(): unknown {
    this.#eventContext ??= { value: this.#contexts.eventContext(this.taskContext) };
    return this.#eventContext.value;
  }

  /**
   * What tasks get; made once for each request.
   *
   * @throws {@link ValueNotStorableError} if it could not be kept in a store.
   */
  get taskContext(): unknown {
    this.#taskContext ??= { value: this.#makeTaskContext() };
    return this.#taskContext.value;
  }

  #makeTaskContext(): unknown {
    return settle(this.#contexts.taskContext(this.eventContext) ?? null, ['taskContext(…)']);
  }
}
