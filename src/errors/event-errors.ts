import { StatewireError } from './statewire-error.ts';

/** A background event's reference was called like a function. Nothing ran. */
export class BackgroundEventCallError extends StatewireError {
  constructor(name: string) {
    super(
      'BACKGROUND_EVENT_CALL',
      `Cannot call the background event ${name} directly: return or yield its reference from an event, or s.trigger(it). It then starts after the commit.`,
    );
  }
}

/** An event's reference was called like a function. Nothing ran. */
export class EventCallError extends StatewireError {
  constructor(name: string) {
    super(
      'EVENT_CALL',
      `Cannot call the event ${name} directly: return or yield its reference, s.trigger(it), or app.dispatch(it, key).`,
    );
  }
}

/** The task was cancelled: it can commit nothing more. */
export class TaskCancelledError extends StatewireError {
  constructor() {
    super('TASK_CANCELLED', 'The task was cancelled: it can change nothing more.');
  }
}

/** The task's handler has ended: what it left running can change nothing more. */
export class TaskEndedError extends StatewireError {
  constructor() {
    super(
      'TASK_ENDED',
      'The task has ended: wait in its handler for all that uses self, or use app.modifyState.',
    );
  }
}

/** The task ran for longer than its `timeoutMs`: it can commit nothing more. */
export class TaskTimeoutError extends StatewireError {
  constructor(name: string, timeoutMs: number) {
    super(
      'TASK_TIMEOUT',
      `The task ${name} took more than ${timeoutMs} ms (timeoutMs): it can change nothing more.`,
    );
  }
}

/** As many tasks of this event as its `concurrency` allows are there already. The task did not run. */
export class ConcurrencyLimitError extends StatewireError {
  constructor(name: string, limit: number) {
    super(
      'CONCURRENCY_LIMIT',
      `${name} may run ${limit === 1 ? 'once' : `${limit} times`} at a time, and does. Send the request again later.`,
    );
  }
}

/** One of the limits that keep the server up is reached. Nothing was done. */
export class ResourceExhaustedError extends StatewireError {
  /** The name of the limit. */
  readonly limit: string;

  constructor(limit: string, what: string) {
    super('RESOURCE_EXHAUSTED', `Too many ${what} (${limit}). Send the request again later.`);
    this.limit = limit;
  }
}

/** The task's process was taken for gone, and its `onExit` runs elsewhere: it can commit nothing more. */
export class TaskLostError extends StatewireError {
  constructor() {
    super('TASK_LOST', 'The task is lost: its process did not show in time that it lives.');
  }
}

/** Attempts at a durable task ended with their process, again and again, and none got any further. */
export class TaskInterruptedError extends StatewireError {
  constructor(name: string, times: number) {
    super(
      'TASK_INTERRUPTED',
      `The task ${name} was interrupted ${times} times in a row and saved nothing: its process ended, or its store failed, before it did.`,
    );
  }
}

/** A later attempt at the durable task runs, or has ended it: this one can commit nothing more. */
export class SupersededError extends StatewireError {
  constructor() {
    super(
      'SUPERSEDED',
      'A later attempt at this task has taken its place: this one can change nothing more.',
    );
  }
}

/** No task of this id is known for this token. */
export class UnknownTaskError extends StatewireError {
  constructor() {
    super('UNKNOWN_TASK', 'No task of this id is known for this token.');
  }
}

/** The app is closing and takes nothing new. */
export class ShuttingDownError extends StatewireError {
  constructor() {
    super('SHUTTING_DOWN', 'The server is shutting down. Send the request again.');
  }
}
