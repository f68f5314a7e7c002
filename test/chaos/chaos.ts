import { ChaosRun } from './chaos-run.ts';
import { FaultLoop } from './faults/fault-loop.ts';
import { type FaultKind, faultKinds } from './faults/faults.ts';
import { RedisPair } from './faults/redis-pair.ts';
import { Cluster } from './nodes/cluster.ts';
import { Random } from './random.ts';
import type { ChaosReport } from './report.ts';
import { type Variant, variants } from './variants/variants.ts';

const nodes = 3;

/** Short, so that stopped nodes lose them often. */
const leaseMs = 1_000;

export interface ChaosOptions {
  readonly seconds: number;
  readonly variant?: Variant;
  readonly faults?: readonly FaultKind[];
  readonly seed?: number;
  /** Ends at the first violation. Default: false. */
  readonly stopAtViolation?: boolean;
  /** After how many commits a token is checked, and another takes its place. Default: 180; the log holds 256. */
  readonly commitsPerToken?: number;
  /** Called now and then. */
  readonly onProgress?: (report: ChaosReport) => void;
  /** Called with all that is known of a token that has violations: plain JSON. */
  readonly onBadHistory?: (history: unknown, token: string) => void;
}

/** Has clients work on a cluster while faults are injected, and checks what they were told. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed = Date.now() % 2 ** 31, variant = 'redis', faults = faultKinds } = options;
  const { stopAtViolation = false, commitsPerToken = 180 } = options;
  const { onProgress = () => {}, onBadHistory = () => {} } = options;
  const redis = await RedisPair.start();
  const cluster = await Cluster.start(nodes, { redisUrl: redis.clientsUrl, variant, leaseMs });
  const store = variants[variant]({ url: redis.observersUrl, leaseMs });
  const faultLoop = new FaultLoop({
    ...{ redis, cluster, leaseMs, kinds: faults, random: new Random(seed) },
  });
  const run = new ChaosRun({
    ...{ redis, store, cluster, faultLoop, seed, seconds: options.seconds },
    ...{ stopAtViolation, commitsPerToken, onProgress, onBadHistory },
  });
  try {
    return await run.run();
  } finally {
    await cluster.stop();
    await store.close();
    await redis.stop();
  }
}
