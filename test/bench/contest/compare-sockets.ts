import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Contender, contenders } from './channel.ts';
import { enter, measureRounds, printRounds, type Round } from './measure-rounds.ts';
import { openSockets } from './open-tokens.ts';
import { cellOperations } from './operations.ts';
import { requireHand } from './require-hand.ts';

/** Events over WebSocket: mutation sent, diff and answer received. */
export async function compareSockets(): Promise<Figure[]> {
  const at50 = await measureAt(50);
  const at500 = await measureAt(500);
  const at1 = await measureAt(1);
  printRoundTrips(at1);
  requireHand(
    'events/s of raw at 50 tokens',
    spread(at50.map(({ hand, raw }) => hand.eventsPerSecond / raw.eventsPerSecond)).value,
    { atLeast: 0.14 },
  );
  const relative = (measured: readonly Round<Contender>[], to: Contender) =>
    spread(measured.map((round) => round.ours.eventsPerSecond / round[to].eventsPerSecond));
  return [
    { figure: 'ws50_vs_hand', ...relative(at50, 'hand'), mustReach: 4, beat: 6 },
    { figure: 'ws500_vs_hand', ...relative(at500, 'hand'), mustReach: 4, beat: 6 },
    { figure: 'ws50_vs_raw', ...relative(at50, 'raw'), mustReach: 0.7, beat: 1 },
    { figure: 'ws500_vs_raw', ...relative(at500, 'raw'), mustReach: 0.7, beat: 1 },
    {
      figure: 'ws1_p50_vs_raw',
      ...spread(at1.map(({ ours, raw }) => ours.medianMs / raw.medianMs)),
      mustReach: 1.4,
      beat: 1.15,
    },
  ];
}

async function measureAt(tokens: number): Promise<Round<Contender>[]> {
  const entrants = await enter(contenders, (server) =>
    openSockets(server, tokens, cellOperations(server.contender)),
  );
  const measured = await measureRounds(entrants);
  if (tokens > 1) printRounds(`at ${tokens} tokens`, contenders, measured);
  return measured;
}

function printRoundTrips(measured: readonly Round<Contender>[]): void {
  printTable([
    ['round, p50 with 1 token, µs', ...contenders],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...contenders.map((name) => (round[name].medianMs * 1_000).toFixed(1)),
    ]),
  ]);
}
