import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultLoop } from './faults/fault-loop.ts';
import type { Violation } from './history.ts';
import { TokenLoad, type TokenPlan } from './load/token-load.ts';
import { type Verdict, type VerifyOptions, verifyToken } from './load/verify-token.ts';
import type { Cluster } from './nodes/cluster.ts';
import { Random } from './random.ts';
import { type ChaosReport, Tally } from './report.ts';

export interface ChaosRunOptions extends VerifyOptions {
  readonly cluster: Cluster;
  readonly faultLoop: FaultLoop;
  readonly seed: number;
  readonly seconds: number;
  readonly stopAtViolation: boolean;
  readonly commitsPerToken: number;
  readonly onProgress: (report: ChaosReport) => void;
  readonly onBadHistory: (history: unknown, token: string) => void;
}

const progressMs = 10_000;

/** How many tokens are worked on at a time: by clients of all nodes, by one, and without an end. */
const contended = 4;
const single = 4;
const long = 2;

/** One run: tokens one after the other in each lane, while faults are injected. */
export class ChaosRun {
  readonly #options: ChaosRunOptions;
  readonly #violations: Violation[] = [];
  /** Nothing more is sent, and no more faults are injected. */
  readonly #stop = new AbortController();
  /** There is a violation, and that is all that was asked for. */
  readonly #over = new AbortController();
  readonly #random: Random;
  readonly #startedAt = performance.now();
  /** Of tokens that are done. */
  readonly #tally = new Tally();
  #tokens = 0;
  #begun = 0;

  constructor(options: ChaosRunOptions) {
    this.#options = options;
    this.#random = new Random(options.seed + 1);
  }

  async run(): Promise<ChaosReport> {
    const { faultLoop, seconds, onProgress } = this.#options;
    const { signal } = this.#stop;
    const lanes = this.#plans().map((plan) => this.#lane(plan));
    const reporting = setInterval(() => onProgress(this.#report()), progressMs);
    const ending = sleep(seconds * 1_000, undefined, { signal })
      .catch(() => {})
      .then(() => this.#stop.abort());
    try {
      await Promise.all([...lanes, faultLoop.run(signal), ending]);
    } finally {
      this.#stop.abort();
      clearInterval(reporting);
    }
    this.#findCrashes();
    return this.#report();
  }

  #plans(): TokenPlan[] {
    const { commitsPerToken } = this.#options;
    const short = { pauseMs: 25, maxVersion: commitsPerToken, keep: 1_000, maxTasks: 4 };
    const { size } = this.#options.cluster;
    const endless = { maxVersion: Number.POSITIVE_INFINITY, keep: 10, maxTasks: 0, pauseMs: 50 };
    return [
      ...Array.from({ length: contended }, () => ({ ...short, writers: size })),
      ...Array.from({ length: single }, () => ({ ...short, writers: 1 })),
      ...Array.from({ length: long }, () => ({ ...endless, writers: size })),
    ];
  }

  /** One token after the other, until the run is over. */
  async #lane(plan: TokenPlan): Promise<void> {
    const { cluster } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#begun += 1;
      const random = new Random(this.#random.next() * 2 ** 32);
      const load = new TokenLoad(`T${this.#begun}`, plan, { cluster, random });
      await load.run(signal);
      const verdict = await verifyToken(load, this.#options, this.#over.signal);
      if (verdict) this.#judged(verdict, load);
      await load.close();
      this.#tokens += 1;
      this.#tally.add(load);
    }
  }

  #judged({ violations, tasksWithoutExit, history }: Verdict, { token }: TokenLoad): void {
    this.#violations.push(...violations);
    this.#tally.tasksWithoutExit += tasksWithoutExit;
    if (violations.length > 0) this.#options.onBadHistory({ violations, ...history }, token);
    if (violations.length === 0 || !this.#options.stopAtViolation) return;
    this.#stop.abort();
    this.#over.abort();
  }

  #findCrashes(): void {
    for (const detail of this.#options.cluster.crashes) {
      this.#violations.push({ rule: 'alive', token: '', detail });
    }
  }

  #report(): ChaosReport {
    const { seed, faultLoop } = this.#options;
    return {
      seed,
      seconds: Math.round((performance.now() - this.#startedAt) / 1_000),
      ...this.#tally.summary(),
      faults: Object.fromEntries(faultLoop.counts),
      tokens: this.#tokens,
      violations: this.#violations,
    };
  }
}
