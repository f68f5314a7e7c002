// The server beside what users would pick instead: all workloads, or those that are named.
//
//   node --import tsx test/bench/contest.ts [--prof <contender> <folder>] [<workload> …]
import { contenders } from './contest/channel.ts';
import { profile } from './contest/profile.ts';
import { workloads } from './contest/workloads.ts';
import type { Figure } from './figure.ts';
import { printFigures } from './table.ts';

const names = process.argv.slice(2);
if (names[0] === '--prof') {
  const [, given, folder] = names.splice(0, 3);
  const contender = contenders.find((name) => name === given);
  if (!contender || !folder) throw new Error(`Expected --prof ${contenders.join('|')} <folder>.`);
  profile({ contender, folder });
}
const figures: Figure[] = [];
for (const name of names.length > 0 ? names : Object.keys(workloads)) {
  const compare = workloads[name];
  if (!compare) throw new Error(`Expected one of ${Object.keys(workloads)}, got ${name}.`);
  figures.push(...(await compare()));
}
printFigures(figures);
