import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { listen } from '../diagnostics/listen.ts';
import { fail } from './fail.ts';

interface Run {
  readonly span: Span;
  /** The context that was active when it began. */
  readonly outer: Context;
}

/** How the runs of a tracing channel are told as spans. */
export interface RunDescription<Message> {
  readonly channel: string;
  readonly name: (message: Message) => string;
  readonly attributes: (message: Message) => Attributes;
}

/** A span for each run of tracing channels, which what goes on inside the run finds. */
export class RunSpans {
  readonly #tracer: Tracer;
  readonly #current = new AsyncLocalStorage<Run>();
  readonly #open = new Map<object, Run>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** The active context, with the span of the run that goes on here if no span inside of it is active. */
  get context(): Context {
    const active = context.active();
    const run = this.#current.getStore();
    return run && run.outer === active ? trace.setSpan(active, run.span) : active;
  }

  /** Follows a tracing channel until the returned function is called. */
  follow<Message extends { readonly error?: unknown }>(
    description: RunDescription<Message>,
  ): () => void {
    const { channel } = description;
    const { start } = tracingChannel<Run, Message>(channel);
    start.bindStore(this.#current, (message) => this.#begin(message, description));
    const unlisten = listen<Message>(`tracing:${channel}:asyncEnd`, (message) => {
      const span = this.#open.get(message)?.span;
      this.#open.delete(message);
      if (span && 'error' in message) fail(span, message.error);
      span?.end();
    });
    return () => {
      start.unbindStore(this.#current);
      unlisten();
    };
  }

  /** Ends the spans of runs that still go on. */
  endAll(): void {
    for (const { span } of this.#open.values()) span.end();
    this.#open.clear();
  }

  #begin<Message extends object>(
    message: Message,
    { name, attributes }: RunDescription<Message>,
  ): Run {
    const options = { attributes: attributes(message) };
    const span = this.#tracer.startSpan(name(message), options, this.context);
    const run = { span, outer: context.active() };
    this.#open.set(message, run);
    return run;
  }
}
