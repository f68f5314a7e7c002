import type { Failover, Observation, Sight } from '../history.ts';
import { mayBeTakenBack } from './failovers.ts';
import type { Report } from './report.ts';

/** As many commits back, at least, a snapshot that takes the log's place leaves: a node that was paused for longer has to begin anew. */
const keptCommits = 64;

/** Each diff follows the one before it, in its versions and in what it shows. */
export function checkChain(
  observations: readonly Observation[],
  { name, failovers }: { readonly name: string; readonly failovers: readonly Failover[] },
  report: Report,
): void {
  let last: Observation | null = null;
  for (const observation of observations) {
    const { at, version, since, n, reset, first } = observation;
    const place = `${name}: version ${version} at ${at}`;
    if (n !== version) report.add('chain', `${place} shows n ${n}`);
    if (reset) {
      if (since !== 0) report.add('chain', `${place} is a reset since ${since}`);
      const isTakenBack = failovers.some(({ killedAt }) => killedAt <= at);
      const isFarBehind = last !== null && version - last.version > keptCommits;
      if (!first && !isTakenBack && !isFarBehind) {
        report.add('reset', `${place}, after ${last?.version}`);
      }
    } else if (!last || since !== last.version || version <= since) {
      report.add('chain', `${place} is since ${since}, and follows ${last?.version}`);
    } else {
      const fork = differenceOf(last, observation);
      if (fork) report.add('chain', `${place} forks in silence: ${fork}`);
    }
    last = observation;
  }
}

/** What each subscriber saw is what the log leads to; what is not was taken back, and it was told. */
export function checkFold(
  observations: readonly Observation[],
  {
    name,
    texts,
    failovers,
  }: {
    readonly name: string;
    readonly texts: readonly string[];
    readonly failovers: readonly Failover[];
  },
  report: Report,
): void {
  const lastReset = observations.findLastIndex(({ reset }) => reset);
  for (const [index, observation] of observations.entries()) {
    const { at, version } = observation;
    const difference = foldDifference(observation, texts);
    if (!difference) continue;
    if (mayBeTakenBack(at, failovers) && lastReset > index) continue;
    report.add('fold', `${name}: version ${version} at ${at}, ${difference}`);
  }
}

export function checkBehind(
  observations: readonly Observation[],
  { name, version }: { readonly name: string; readonly version: number },
  report: Report,
): void {
  const last = observations.at(-1);
  if (last && last.version !== version) {
    report.add(
      'behind',
      `${name}: its last version is ${last.version} at ${last.at}, the newest is ${version}`,
    );
  }
}

/** How a sight differs from what the log leads to; null if it does not. */
export function foldDifference(sight: Sight, texts: readonly string[]): string | null {
  const { version, n, ops } = sight;
  if (version > texts.length) return `the log ends at ${texts.length}`;
  if (n !== version || ops.length !== n) return `n is ${n}, with ${ops.length} texts`;
  return differenceOf(sight, { version, n: version, ops: texts.slice(0, version) });
}

/** Where two sights show different texts; null where they agree, as far as both reach. */
function differenceOf(one: Sight, other: Sight): string | null {
  const from = Math.max(one.n - one.ops.length, other.n - other.ops.length);
  const to = Math.min(one.n, other.n);
  for (let index = from; index < to; index += 1) {
    const here = textAt(one, index);
    const there = textAt(other, index);
    if (here !== there) return `version ${index + 1} is ${here} and ${there}`;
  }
  return null;
}

function textAt({ n, ops }: Sight, index: number): string | undefined {
  return ops[index - (n - ops.length)];
}
