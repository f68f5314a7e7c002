import type { GraphQLError } from 'graphql';
import type { SubscribeMessage } from 'graphql-ws';
import { Work } from '../../engine/work.ts';
import type { Pipeline, RequestInfo } from '../graphql-pipeline.ts';
import { type PreparedOperation, prepareOperation } from '../prepare-operation.ts';
import { type Asker, RunningOperation } from './running-operation.ts';

/** Runs the operations that clients ask for over WebSocket. */
export class Operations {
  readonly #pipeline: Pipeline;
  /** Those that are being made ready: their context may take a while. */
  readonly #preparing = new Work();
  /** Queries and mutations that are not answered yet. */
  readonly #executing = new Work();

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  /** Begins one whose id is free. */
  begin({ id, payload }: SubscribeMessage, asker: Asker & { readonly info: RequestInfo }): void {
    const running = new RunningOperation(id, asker, this.#pipeline.mask);
    const prepared = prepareOperation(this.#pipeline, payload, asker.info);
    if (prepared instanceof Promise) {
      running.list();
      void this.#preparing.track(prepared.then((operation) => this.#run(running, operation)));
    } else {
      this.#run(running, prepared);
    }
  }

  /** Resolves when every query and mutation at hand is answered; those that come meanwhile are not waited for. */
  async answered(): Promise<void> {
    const executed = this.#executing.settled();
    await this.#preparing.settled();
    await Promise.all([executed, this.#executing.settled()]);
    await new Promise(setImmediate);
  }

  #run(running: RunningOperation, operation: PreparedOperation | readonly GraphQLError[]): void {
    if ('length' in operation) {
      running.refuse(operation);
      return;
    }
    const { execute, subscribe } = this.#pipeline;
    const isSubscription = operation.kind === 'subscription';
    try {
      const result = isSubscription ? subscribe(operation) : execute(operation);
      if (!(result instanceof Promise)) {
        running.answer(result);
        return;
      }
      running.list();
      const answered = result
        .then((later) => running.answer(later))
        .catch((error) => running.fail(error));
      if (!isSubscription) void this.#executing.track(answered);
    } catch (error) {
      running.fail(error);
    }
  }
}
