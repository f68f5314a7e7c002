import type { EventResult } from '../src/engine/event-run.ts';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';
import type { StateDefinition } from '../src/state/definitions.ts';
import type { TokenKey } from '../src/tokens/token-key.ts';
import { Payload } from './payload.ts';
import { type StatePayload, statePayload } from './state-payload.ts';

/** What an event left behind as GraphQL reads it; the state is not made if it is not selected. */
export class EventPayload extends Payload {
  readonly #key: TokenKey;
  readonly #definition: StateDefinition;
  readonly #result: EventResult;

  constructor(key: TokenKey, definition: StateDefinition, result: EventResult) {
    super();
    this.#key = key;
    this.#definition = definition;
    this.#result = result;
  }

  get version(): number {
    return this.#result.state.version;
  }

  get state(): StatePayload {
    return statePayload(this.#key, this.#definition, this.#result.state);
  }

  get tasks(): readonly TaskInfo[] {
    return this.#result.tasks;
  }
}
