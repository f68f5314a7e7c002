import { Redis } from 'ioredis';
import type { StateStore, TokenKey } from 'statewire';
import { redisStore } from 'statewire/redis';
import { emptySnapshot, type Position } from '../../../src/state/snapshot.ts';
import type { CatchUp } from '../../../src/store/state-store.ts';
import { forwardTo } from '../../support/forward-store.ts';
import { commitWithout, type EditScript, withEditedScripts } from './edited-scripts.ts';
import { SetnxStore } from './setnx-store.ts';

export interface VariantOptions {
  readonly url: string;
  readonly leaseMs: number;
}

/** The store, and stores that are deliberately wrong: the harness must catch each of those. */
export const variants = {
  redis: redisStore,
  setnx: (options) => new SetnxStore(options),
  /** A commit that is sent again is taken for a new one. */
  'no-duplicate-check': edited(commitWithout(/-- Sent again[\s\S]+?(?=\n\nif at\[3\])/)),
  /** Who has lost the lease can commit. */
  'no-holder-check': edited(commitWithout(/if at\[3\] ~= lease .+/)),
  /** Whatever the newest commit is, the next is added. */
  'no-compare-and-set': edited(commitWithout(/if \(at\[2\] or ''\) ~= base .+/)),
  'no-version-id': comparingVersions,
} as const satisfies Record<string, (options: VariantOptions) => StateStore>;

export type Variant = keyof typeof variants;

/** @throws TypeError for a name that is none. */
export function parseVariant(name: string): Variant {
  if (!(name in variants)) {
    throw new TypeError(`Expected one of ${Object.keys(variants).join(', ')}, got ${name}.`);
  }
  return name as Variant;
}

function edited(edit: EditScript) {
  return ({ url, leaseMs }: VariantOptions): StateStore => {
    const client = withEditedScripts(new Redis(url, { lazyConnect: true }), edit);
    return redisStore({ client, leaseMs });
  };
}

/** A copy whose number is there again is taken for one of this history. */
function comparingVersions(options: VariantOptions): StateStore {
  const store = redisStore(options);
  const missing = async (key: TokenKey, known: Position): Promise<CatchUp> => {
    const { entries } = await store.read(key, emptySnapshot);
    const isThere = entries.some(({ version }) => version === known.version);
    if (!isThere) return store.read(key, known);
    const [next, ...rest] = entries.filter(({ version }) => version > known.version);
    return { snapshot: null, entries: next ? [{ ...next, previousId: known.id }, ...rest] : [] };
  };
  return forwardTo(store, {
    read: missing,
    async acquire(key, known, onLost) {
      const lease = await store.acquire(key, known, onLost);
      return {
        catchUp: await missing(key, known),
        commit: (commit) => lease.commit(commit),
        release: () => lease.release(),
      };
    },
  });
}
