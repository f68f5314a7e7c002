import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { ContenderProcess } from './contender-process.ts';

const names = ['hand', 'ours'] as const;
const rounds = 5;

/** From the fork of a process until its server listens. */
export async function compareStartups(): Promise<Figure[]> {
  const measured: Record<(typeof names)[number], number>[] = [];
  // The first round reads everything from the disk, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const times = { hand: 0, ours: 0 };
    for (const name of names) {
      const server = await ContenderProcess.start(name);
      times[name] = server.startMs;
      await server.stop();
    }
    if (round > 0) measured.push(times);
  }
  printTable([
    ['round, ms until it listens', ...names],
    ...measured.map((times, index) => [
      `${index + 1}`,
      ...names.map((name) => times[name].toFixed(0)),
    ]),
  ]);
  return [
    {
      figure: 'startup_vs_hand',
      ...spread(measured.map(({ ours, hand }) => ours / hand)),
      mustReach: null,
      beat: null,
    },
  ];
}
