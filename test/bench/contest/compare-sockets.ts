import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Contender, contenders } from './channel.ts';
import { enter, measureRounds, type Pace, printRounds, type Round } from './measure-rounds.ts';
import { onOneCore } from './on-one-core.ts';
import { openSockets } from './open-tokens.ts';
import { cellOperations } from './operations.ts';
import { requireHand } from './require-hand.ts';

/** How long it takes one core to wake up another wanders from second to second: many short rounds see the same of it. */
const waitingPace: Pace = { rounds: 60, roundMs: 150 };

/** Events over WebSocket: mutation sent, diff and answer received. */
export async function compareSockets(): Promise<Figure[]> {
  const at50 = await measureAt(50);
  const at500 = await measureAt(500);
  // With one token nothing goes on at the same time: on one core nobody waits for another to wake up.
  const at1 = await onOneCore(() => measureAt(1));
  printRoundTrips('on one core', at1);
  const apart = await measureAt(1, waitingPace);
  printRoundTrips('on all cores', apart);
  requireHand(
    'events/s of raw at 50 tokens',
    spread(at50.map(({ hand, raw }) => hand.eventsPerSecond / raw.eventsPerSecond)).value,
    { atLeast: 0.14 },
  );
  const roundTrips = (measured: readonly Round<Contender>[], of: Contender) =>
    spread(measured.map((round) => round[of].medianMs / round.raw.medianMs));
  const relative = (measured: readonly Round<Contender>[], to: Contender) =>
    spread(measured.map((round) => round.ours.eventsPerSecond / round[to].eventsPerSecond));
  return [
    { figure: 'ws50_vs_hand', ...relative(at50, 'hand'), mustReach: 4, beat: 6 },
    { figure: 'ws500_vs_hand', ...relative(at500, 'hand'), mustReach: 4, beat: 6 },
    { figure: 'ws50_vs_raw', ...relative(at50, 'raw'), mustReach: 0.7, beat: 1 },
    { figure: 'ws500_vs_raw', ...relative(at500, 'raw'), mustReach: 0.7, beat: 1 },
    { figure: 'ws1_p50_vs_raw', ...roundTrips(at1, 'ours'), mustReach: 1.4, beat: 1.15 },
    { figure: 'ws1_p50_hand_vs_raw', ...roundTrips(at1, 'hand'), mustReach: null, beat: null },
    { figure: 'ws1_p50_apart_vs_raw', ...roundTrips(apart, 'ours'), mustReach: null, beat: null },
    {
      figure: 'ws1_p50_hand_apart_vs_raw',
      ...roundTrips(apart, 'hand'),
      mustReach: null,
      beat: null,
    },
  ];
}

async function measureAt(tokens: number, pace?: Pace): Promise<Round<Contender>[]> {
  const entrants = await enter(contenders, (server) =>
    openSockets(server, tokens, cellOperations(server.contender)),
  );
  const measured = await measureRounds(entrants, pace);
  if (tokens > 1) printRounds(`at ${tokens} tokens`, contenders, measured);
  return measured;
}

function printRoundTrips(where: string, measured: readonly Round<Contender>[]): void {
  printTable([
    [`p50 with 1 token ${where}, µs`, ...contenders],
    ...[0.1, 0.25, 0.5, 0.75, 0.9].map((part) => [
      `${part * 100} % of ${measured.length} rounds below`,
      ...contenders.map((name) => {
        const medians = measured.map((round) => round[name].medianMs * 1_000);
        const sorted = medians.toSorted((a, b) => a - b);
        return (sorted[Math.floor(part * sorted.length)] ?? Number.NaN).toFixed(1);
      }),
    ]),
  ]);
}
