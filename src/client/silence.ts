/** Waits for a sign of somebody, and says when none comes. */
export class Silence {
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  expectWithin(ms: number): void {
    this.over();
    this.#timer = setTimeout(this.#onSilence, ms);
  }

  over(): void {
    clearTimeout(this.#timer);
  }
}
