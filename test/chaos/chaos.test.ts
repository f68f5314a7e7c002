import { describe, expect, it } from 'vitest';
import { runChaos } from './chaos.ts';
import { type FaultKind, faultKinds } from './faults/faults.ts';
import { type Variant, variants } from './variants/variants.ts';

/** Faults that show what is wrong with a variant; without them it would take longer. */
const aimedAt: Partial<Record<Variant, readonly FaultKind[]>> = {
  setnx: ['stopNode', 'failOver'],
  'no-duplicate-check': ['loseReplies', 'cut'],
  'no-holder-check': ['stopNode'],
  'no-compare-and-set': ['failOver'],
  'no-version-id': ['failOverUnseen'],
};

const broken = (Object.keys(variants) as Variant[]).filter((variant) => variant !== 'redis');

describe('faults under load', () => {
  it('lose nothing, repeat nothing and fork nothing', { timeout: 180_000 }, async () => {
    const report = await runChaos({ seconds: 25, commitsPerToken: 90 });
    expect(report.violations, `with the seed ${report.seed}`).toEqual([]);
    // That there was something to see. How much there is in half a minute is up to the
    // machine: with the other tests beside it a seventh of what it is alone.
    const injected = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.tokens).toBeGreaterThan(0);
    expect(report.resumed).toBeGreaterThan(0);
    expect(injected).toBeGreaterThan(5);
  });

  it.each(broken)('show what is wrong with the store %s', { timeout: 180_000 }, async (variant) => {
    const faults = aimedAt[variant] ?? faultKinds;
    const report = await runChaos({
      ...{ seconds: 60, variant, faults, stopAtViolation: true, commitsPerToken: 60 },
    });
    expect(report.violations, `with the seed ${report.seed}`).not.toEqual([]);
  });
});
