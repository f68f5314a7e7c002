import type { EventDefinition } from '../state/definitions.ts';
import { settle } from '../values/settle.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Fence } from './fence.ts';

/** A task, as what it has triggered knows it. */
export interface ParentTask {
  readonly id: string;
  readonly event: EventDefinition;
  /** Aborts when it is cancelled, or otherwise may do nothing more; null for what does not go with it. */
  readonly fence: Fence | null;
}

/** In place of a context that nobody has asked for yet. */
const unmade = Symbol('unmade');

type Contexts = Pick<EngineOptions, 'taskContext' | 'eventContext'>;

/**
 * Whom an event or a task acts for. Events get the request's context; what
 * outlives the request gets the value that `taskContext` made of it.
 */
export class Origin {
  readonly #contexts: Contexts;
  #eventContext: unknown = unmade;
  #taskContext: unknown = unmade;
  /** The task that has triggered it, itself or through events; null if none has. */
  readonly parent: ParentTask | null;

  private constructor(contexts: Contexts, parent: ParentTask | null) {
    this.#contexts = contexts;
    this.parent = parent;
  }

  static ofRequest(contexts: Contexts, context: unknown): Origin {
    const origin = new Origin(contexts, null);
    origin.#eventContext = context;
    return origin;
  }

  /** For what the server starts by itself. */
  static ofServer(contexts: Contexts): Origin {
    return Origin.ofTask(contexts, null);
  }

  /** For what a task leaves behind whose request is long over. */
  static ofTask(
    contexts: Contexts,
    taskContext: unknown,
    parent: ParentTask | null = null,
  ): Origin {
    const origin = new Origin(contexts, parent);
    origin.#taskContext = taskContext;
    return origin;
  }

  /** The same without the request, which is over before the task is. */
  forTask(): Origin {
    return Origin.ofTask(this.#contexts, this.taskContext, this.parent);
  }

  /** For what begins also if its task is cancelled, and for all that it triggers. */
  lasting(): Origin {
    const { parent } = this;
    return parent ? this.within({ ...parent, fence: null }) : this;
  }

  /** For what a task triggers. */
  within(parent: ParentTask): Origin {
    return Origin.ofTask(this.#contexts, this.taskContext, parent);
  }

  /** What events get: the request's context, or what `eventContext` makes of the task's. */
  get eventContext(): unknown {
    if (this.#eventContext === unmade) {
      this.#eventContext = this.#contexts.eventContext(this.taskContext);
    }
    return this.#eventContext;
  }

  /**
   * What tasks get; made once for each request.
   *
   * @throws {@link ValueNotStorableError} if it could not be kept in a store.
   */
  get taskContext(): unknown {
    if (this.#taskContext === unmade) this.#taskContext = this.#makeTaskContext();
    return this.#taskContext;
  }

  #makeTaskContext(): unknown {
    return settle(this.#contexts.taskContext(this.eventContext) ?? null, ['taskContext(…)']);
  }
}
