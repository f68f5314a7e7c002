import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Contender, type Measured, measure } from './measure.ts';

const rounds = 5;

/** Commits a second on 50 tokens, beside lmdb's own `put` of as many bytes with the same durability. */
export function compareStores(): Figure[] {
  const contenders = [
    'put sync',
    'put async',
    'memory',
    'lmdb async',
    'lmdb sync',
    'redis',
    'redis turns',
  ] as const;
  const settings = { rows: 10, tokens: 50, warmUp: 1, seconds: 2 };
  const measured = Array.from({ length: rounds }, () =>
    Object.fromEntries(
      contenders.map((contender) => [contender, rate(measure({ ...settings, contender }))]),
    ),
  ) as Record<Contender, number>[];
  printTable([
    ['round, commits/s at 50 tokens', ...contenders],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...contenders.map((contender) => round[contender].toFixed(0)),
    ]),
  ]);
  const figure = (name: string, ours: Contender, theirs: Contender): Figure => ({
    figure: name,
    ...spread(measured.map((round) => round[ours] / round[theirs])),
    mustReach: null,
    beat: null,
  });
  return [
    figure('memory50_vs_put', 'memory', 'put async'),
    figure('lmdb_async50_vs_put', 'lmdb async', 'put async'),
    figure('lmdb_sync50_vs_put', 'lmdb sync', 'put sync'),
    figure('redis50_vs_memory50', 'redis', 'memory'),
    figure('redis_turns_vs_redis50', 'redis turns', 'redis'),
  ];
}

/** One field changed in a state of 5 MB against one of 10 KB, over several compactions of each. */
export function compareSizes(): Figure[] {
  return compareSizesOn('lmdb async', 'commit5mb_vs_10kb');
}

/** The same with Redis, over several snapshots of each. */
export function compareRedisSizes(): Figure[] {
  return compareSizesOn('redis', 'redis5mb_vs_10kb');
}

function compareSizesOn(contender: Contender, name: string): Figure[] {
  const settings = { contender, tokens: 1, warmUp: 2, seconds: 8 } as const;
  const measured = Array.from({ length: rounds }, () => ({
    small: measure({ ...settings, rows: 100 }),
    large: measure({ ...settings, rows: 50_000 }),
  }));
  const bytes = ({ bytes: all, commits }: Measured) => all / commits;
  printTable([
    ['round', '10 KB: µs', '5 MB: µs', '10 KB: bytes', '5 MB: bytes', '5 MB: commits'],
    ...measured.map(({ small, large }, index) => [
      `${index + 1}`,
      (1e6 / rate(small)).toFixed(1),
      (1e6 / rate(large)).toFixed(1),
      bytes(small).toFixed(0),
      bytes(large).toFixed(0),
      `${large.commits}`,
    ]),
  ]);
  return [
    {
      figure: `${name}_time`,
      ...spread(measured.map(({ small, large }) => rate(small) / rate(large))),
      mustReach: 1.5,
      beat: null,
    },
    {
      figure: `${name}_bytes`,
      ...spread(measured.map(({ small, large }) => bytes(large) / bytes(small))),
      mustReach: 1.5,
      beat: null,
    },
  ];
}

function rate({ commits, seconds }: Measured): number {
  return commits / seconds;
}
