import type { TokenRoom } from '../token-room.ts';
import type { TaskInfo } from './task-info.ts';

/** What is known of a token's tasks, read once for all who follow them. */
export class TaskListing {
  readonly #list: () => Promise<readonly TaskInfo[]>;
  #latest: Promise<readonly TaskInfo[]> | null = null;

  constructor(room: TokenRoom, list: () => Promise<readonly TaskInfo[]>) {
    this.#list = list;
    // For as long as there is the room.
    room.listenTasks(() => {
      this.#latest = null;
    });
  }

  /** All of them as they are now: read again only after something has changed. */
  read(): Promise<readonly TaskInfo[]> {
    if (this.#latest) return this.#latest;
    const reading = this.#list();
    this.#latest = reading;
    reading.catch(() => {
      if (this.#latest === reading) this.#latest = null;
    });
    return reading;
  }
}
