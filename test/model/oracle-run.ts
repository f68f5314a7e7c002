/** A handler as a sequence of waits: each is given what goes on after it. */
export type Run = Generator<(resume: () => void) => void, void>;

/** Runs a handler as far as it comes; `onEnd` is called once, now or after a wait. */
export function drive(run: Run, onEnd: (error: Error | null) => void): void {
  const goOn = () => {
    let next: ReturnType<Run['next']>;
    try {
      next = run.next();
    } catch (error) {
      return onEnd(error as Error);
    }
    if (next.done) onEnd(null);
    else next.value(goOn);
  };
  goOn();
}
