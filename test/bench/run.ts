// Runs the benchmarks there are, and keeps their figures in results.json.
import { writeFileSync } from 'node:fs';
import { workloads } from './contest/workloads.ts';
import type { Figure } from './figure.ts';
import { compareRedis } from './redis/compare.ts';
import { compareRedisSizes, compareSizes, compareStores } from './store/compare.ts';
import { printFigures } from './table.ts';
import { compareTypeChecks } from './type-check/compare.ts';
import { compareWire } from './wire/compare.ts';

const figures: Figure[] = [
  ...compareStores(),
  ...compareSizes(),
  ...compareRedis(),
  ...compareRedisSizes(),
  compareTypeChecks(),
  ...(await compareWire()),
];
for (const compare of Object.values(workloads)) figures.push(...(await compare()));
printFigures(figures);
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
