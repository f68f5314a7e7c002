import { printTable } from '../table.ts';
import type { Contender } from './channel.ts';
import { ClosedLoop } from './client/closed-loop.ts';
import type { EventSource } from './client/event-source.ts';
import { ContenderProcess } from './contender-process.ts';
import { measureRate, type Rate } from './measure-rate.ts';

/** V8 is done with the hot code of every contender by then: after one turn ours was a third dearer. */
const warmUpTurns = 4;
/** Shorter than the 5 s after which Node's HTTP server closes a connection that waits for its turn. */
const warmUpMs = 2_000;

/** Below this the server waited for its clients, and could have done more. */
const leastBusy = 0.95;

/** How often each is measured, and for how long. */
export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
}

const usualPace: Pace = { rounds: 5, roundMs: 1_500 };

/** Events that are measured: what sends them, and the server that they are sent to. */
export interface Entrant<Name extends string> {
  readonly name: Name;
  readonly server: ContenderProcess;
  readonly sources: readonly EventSource[];
}

/** What was measured of each, one after the other. */
export type Round<Name extends string> = Readonly<Record<Name, Rate>>;

/** Starts these contenders, with what sends events to each. */
export async function enter<Name extends Contender>(
  names: readonly Name[],
  open: (server: ContenderProcess) => Promise<readonly EventSource[]>,
): Promise<Entrant<Name>[]> {
  const entrants: Entrant<Name>[] = [];
  for (const name of names) {
    const server = await ContenderProcess.start(name);
    entrants.push({ name, server, sources: await open(server) });
  }
  return entrants;
}

/** Measures each in turn, round by round, when all are warm. Stops their servers. */
export async function measureRounds<Name extends string>(
  entrants: readonly Entrant<Name>[],
  { rounds, roundMs }: Pace = usualPace,
): Promise<Round<Name>[]> {
  const contest = entrants.map((each) => ({ ...each, loop: new ClosedLoop(each.sources) }));
  for (let turn = 0; turn < warmUpTurns; turn += 1) {
    for (const { server, loop } of contest) await measureRate(server, loop, warmUpMs);
  }
  const measured: Round<Name>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const rates: [Name, Rate][] = [];
    for (const { name, server, loop } of contest) {
      rates.push([name, await measureRate(server, loop, roundMs)]);
    }
    measured.push(Object.fromEntries(rates) as Round<Name>);
  }
  for (const { loop } of contest) loop.close();
  for (const server of new Set(contest.map((each) => each.server))) await server.stop();
  return measured;
}

/** Prints every round. */
export function printRounds<Name extends string>(
  what: string,
  names: readonly Name[],
  measured: readonly Round<Name>[],
): void {
  printTable([
    [
      `round, events/s ${what}`,
      ...names,
      ...names.map((name) => `${name}: CPU µs`),
      ...names.map((name) => `${name}: busy %`),
    ],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...names.map((name) => round[name].eventsPerSecond.toFixed(0)),
      ...names.map((name) => round[name].cpuMicros.toFixed(1)),
      ...names.map((name) => busyOf(round[name])),
    ]),
  ]);
}

function busyOf({ busy }: Rate): string {
  return `${busy < leastBusy ? 'only ' : ''}${(busy * 100).toFixed(0)}`;
}
