// Faults under load, on the real store or on one that is deliberately wrong:
// npm run chaos -- --minutes 10 [--variant setnx] [--seed 7] [--faults stopNode,failOver] [--keep folder]
// With CHAOS_LOG set, the nodes' logs are shown. --keep gets the histories that are wrong.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { faultKinds, parseFaultKind } from './faults/faults.ts';
import { rules } from './history.ts';
import type { ChaosReport } from './report.ts';
import { parseVariant } from './variants/variants.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    variant: { type: 'string', default: 'redis' },
    seed: { type: 'string' },
    faults: { type: 'string', default: faultKinds.join(',') },
    keep: { type: 'string' },
  },
});

function rowOf({ violations, faults, refused, refusedSubscriptions, ...report }: ChaosReport) {
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return { ...report, faults: total, violations: violations.length };
}

const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`seed ${seed}`);
const report = await runChaos({
  seconds: 60 * Number(values.minutes),
  variant: parseVariant(values.variant),
  faults: values.faults.split(',').map(parseFaultKind),
  seed,
  onBadHistory: (history, token) => {
    if (values.keep === undefined) return;
    mkdirSync(values.keep, { recursive: true });
    writeFileSync(join(values.keep, `${token}.json`), JSON.stringify(history));
  },
  onProgress: (progress) => console.log(JSON.stringify(rowOf(progress))),
});
console.table([rowOf(report)]);
console.table([report.faults]);
console.table([report.refused]);
if (Object.keys(report.refusedSubscriptions).length > 0)
  console.table([report.refusedSubscriptions]);
for (const { rule, token, detail } of report.violations) {
  console.log(`${token}: ${detail}\n  against the rule "${rule}": ${rules[rule]}`);
}
process.exitCode = report.violations.length > 0 ? 1 : 0;
