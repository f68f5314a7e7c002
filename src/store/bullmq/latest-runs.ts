/** A run of a job, until it ends. */
export interface Run {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  end(): void;
}

/** The latest run here of each job. There may be several at once: one is taken for gone, if the process does nothing for long. */
export class LatestRuns {
  readonly #runs = new Map<string, Run>();

  begin(id: string): Run {
    let resolve = () => {};
    const ended = new Promise<void>((done) => {
      resolve = done;
    });
    const run: Run = {
      ended,
      end: () => {
        if (this.#runs.get(id) === run) this.#runs.delete(id);
        resolve();
      },
    };
    this.#runs.set(id, run);
    return run;
  }

  /** A later run of the same job; undefined if there is none. */
  laterThan(run: Run, id: string): Run | undefined {
    const latest = this.#runs.get(id);
    return latest === run ? undefined : latest;
  }

  /** Resolves when all of now have ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
  }
}
