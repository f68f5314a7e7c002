// Runs the benchmarks there are, and keeps their figures in results.json.
import { writeFileSync } from 'node:fs';
import { compareRedis } from './redis/compare.ts';
import { compareRedisSizes, compareSizes, compareStores } from './store/compare.ts';
import { printFigures } from './table.ts';
import { compareTypeChecks } from './type-check/compare.ts';
import { compareWire } from './wire/compare.ts';

const figures = [
  ...compareStores(),
  ...compareSizes(),
  ...compareRedis(),
  ...compareRedisSizes(),
  compareTypeChecks(),
  ...(await compareWire()),
];
printFigures(figures);
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
