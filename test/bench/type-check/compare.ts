import { strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { generateProject } from './generate.ts';
import { type CheckTimes, measureTypeCheck, printSchemaOf } from './measure.ts';

const states = 150;
const rounds = 7;

/**
 * Checks 150 states, and the same schema in Pothos alone, one after the other,
 * and compares tsc's check times. Prints every round.
 *
 * @throws Error if a project has a type error, or if their schemas differ.
 */
export function compareTypeChecks(): Figure {
  // What a user gets: the declarations of the built package.
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  using ours = generateProject('statewire', states);
  using theirs = generateProject('pothos', states);
  strictEqual(printSchemaOf(ours), printSchemaOf(theirs), 'Expected the same schema twice.');
  const round = () => ({ ours: measureTypeCheck(ours), theirs: measureTypeCheck(theirs) });
  round(); // Not counted: it reads everything from the disk.
  const measured = Array.from({ length: rounds }, round);
  printRounds(measured);
  return {
    figure: 'types150_vs_pothos',
    ...spread(measured.map(({ ours, theirs }) => ours.check / theirs.check)),
    mustReach: 1.5,
    beat: null,
  };
}

interface Round {
  readonly ours: CheckTimes;
  readonly theirs: CheckTimes;
}

function printRounds(measured: readonly Round[]): void {
  const row = (name: string, { ours, theirs }: Round) => [
    name,
    ...(['check', 'total'] as const).flatMap((time) => [
      ours[time].toFixed(2),
      theirs[time].toFixed(2),
      (ours[time] / theirs[time]).toFixed(2),
    ]),
  ];
  printTable([
    ['round', 'check: statewire', 'pothos', 'ratio', 'total: statewire', 'pothos', 'ratio'],
    ...measured.map((round, index) => row(`${index + 1}`, round)),
  ]);
}
