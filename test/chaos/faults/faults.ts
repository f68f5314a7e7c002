import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../nodes/cluster.ts';
import type { Random } from '../random.ts';
import type { RedisPair } from './redis-pair.ts';

/** What a fault is done to. Two faults of one kind of target do not meet. */
type Target = 'node' | 'connections' | 'redis';

interface Scene {
  readonly redis: RedisPair;
  readonly cluster: Cluster;
  readonly random: Random;
  readonly leaseMs: number;
  /** The node that a fault of nodes is done to. */
  readonly slot: number;
}

interface Fault {
  readonly targets: readonly Target[];
  /** Without it there is no Redis to go on with. */
  readonly mustSucceed?: boolean;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  readonly inject: (scene: Scene) => Promise<unknown>;
}

const all = {
  killNode: {
    targets: ['node'],
    weight: 2,
    inject: ({ cluster, slot }) => cluster.kill(slot),
  },
  /** Longer than its leases. */
  stopNode: {
    targets: ['node'],
    weight: 3,
    async inject({ cluster, slot, random, leaseMs }) {
      cluster.pause(slot);
      await sleep(leaseMs * random.between(1.2, 2.5));
      cluster.resume(slot);
    },
  },
  killClients: {
    // Not while Redis is being told what to become.
    targets: ['connections', 'redis'],
    weight: 2,
    inject: ({ redis }) => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'),
  },
  killSubscribers: {
    targets: ['connections'],
    weight: 2,
    inject: ({ redis }) => redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
  },
  pauseClients: {
    targets: ['redis'],
    weight: 1,
    async inject({ redis, random }) {
      const ms = random.between(50, 800);
      await redis.command('CLIENT', 'PAUSE', ms.toFixed(0));
      await sleep(ms);
    },
  },
  cut: {
    targets: ['connections'],
    weight: 2,
    inject: async ({ redis }) => redis.clients.cut(),
  },
  /** What was under way is done, and nobody is told. */
  loseReplies: {
    targets: ['connections'],
    weight: 3,
    async inject({ redis, random }) {
      redis.clients.stall('replies');
      await sleep(random.between(5, 100));
      redis.clients.cut();
      redis.clients.resume();
    },
  },
  /** Up to longer than the leases. */
  stall: {
    targets: ['connections'],
    weight: 2,
    async inject({ redis, random, leaseMs }) {
      redis.clients.stall('both');
      await sleep(leaseMs * random.between(0.1, 1.5));
      redis.clients.resume();
    },
  },
  flushScripts: {
    targets: ['connections'],
    weight: 1,
    inject: ({ redis }) => redis.command('SCRIPT', 'FLUSH'),
  },
  restartRedis: {
    targets: ['redis'],
    weight: 1,
    mustSucceed: true,
    inject: ({ redis, random }) => redis.restart(random.between(0, 500)),
  },
  failOver: {
    targets: ['redis'],
    weight: 1,
    mustSucceed: true,
    inject: ({ redis, random }) => redis.failOver(random.between(50, 600)),
  },
  /** A node has seen what is taken back, and wakes up when the others are past it. */
  failOverUnseen: {
    targets: ['redis', 'node'],
    weight: 1,
    mustSucceed: true,
    async inject({ redis, cluster, slot, random }) {
      await redis.failOver(random.between(200, 600), () => cluster.pause(slot));
      await sleep(random.between(100, 1_500));
      cluster.resume(slot);
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof all;

/** All of them, by their name. */
export const faults: Readonly<Record<FaultKind, Fault>> = all;

export const faultKinds = Object.keys(faults) as readonly FaultKind[];

/** @throws TypeError for a name that is none. */
export function parseFaultKind(name: string): FaultKind {
  if (!(name in faults)) throw new TypeError(`Expected one of ${faultKinds}, got ${name}.`);
  return name as FaultKind;
}
