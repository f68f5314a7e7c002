import type { EventSource } from './event-source.ts';

/** Sends events of all its tokens at once, of each as soon as its last one is through. */
export class ClosedLoop {
  /** How many are through. */
  events = 0;
  /** How long each round trip took since the last start, in ms. */
  roundTrips: number[] = [];
  readonly #sources: readonly EventSource[];
  #running = false;
  #underWay = 0;
  #stopped: () => void = () => {};

  constructor(sources: readonly EventSource[]) {
    this.#sources = sources;
  }

  get bytes(): number {
    return this.#sources.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  start(): void {
    this.#running = true;
    this.roundTrips = [];
    for (const source of this.#sources) this.#keepFiring(source);
  }

  /** Resolves when every event that was sent is through. */
  stop(): Promise<void> {
    this.#running = false;
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }

  #keepFiring(source: EventSource): void {
    let sent = 0;
    const fire = () => {
      this.#underWay += 1;
      sent = performance.now();
      source.fire(done);
    };
    const done = () => {
      this.roundTrips.push(performance.now() - sent);
      this.events += 1;
      this.#underWay -= 1;
      if (this.#running) fire();
      else if (this.#underWay === 0) this.#stopped();
    };
    fire();
  }
}
