import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { measureRedis } from './measure.ts';

/** The Redis store beside Redis' own commands. */
export function compareRedis(): Figure[] {
  const { commits, loads } = measureRedis();
  printTable([
    ['round, 50 tokens', 'PING/s', 'commits/s', 'script calls per event'],
    ...commits.map((round, index) => [
      `${index + 1}`,
      round.pings.toFixed(0),
      round.commits.toFixed(0),
      round.callsPerEvent.toFixed(3),
    ]),
  ]);
  return [
    {
      figure: 'redis_vs_ping',
      ...spread(commits.map((round) => round.commits / round.pings)),
      mustReach: 0.4,
      beat: 0.55,
    },
    {
      figure: 'redis_calls_per_event',
      ...spread(commits.map(({ callsPerEvent }) => callsPerEvent)),
      mustReach: 1.05,
      beat: null,
    },
    {
      figure: 'redis_load_vs_hgetall',
      ...spread(loads.map(({ load, hgetall }) => load / hgetall)),
      mustReach: 1,
      beat: null,
    },
  ];
}
