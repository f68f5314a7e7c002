import type { Variant } from '../variants/variants.ts';

/** What a node is told when it starts. */
export interface NodeSettings {
  readonly redisUrl: string;
  readonly variant: Variant;
  readonly leaseMs: number;
}
