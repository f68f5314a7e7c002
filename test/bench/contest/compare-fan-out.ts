import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Cell, cellFields } from './cell.ts';
import { type Contender, contenders } from './channel.ts';
import { FanOut } from './client/fan-out.ts';
import { FrameSocket } from './client/frame-socket.ts';
import type { ContenderProcess } from './contender-process.ts';
import { enter, measureRounds, type Round } from './measure-rounds.ts';
import { inBatches, subscribing } from './open-tokens.ts';
import { cellOperations } from './operations.ts';

const subscribers = 1_000;

/** Ten, each of which is another text: what is left of the fields from each on, and up to each. */
const selections: readonly (readonly (keyof Cell)[])[] = cellFields.flatMap((_, index) => [
  [...cellFields.slice(index), ...cellFields.slice(0, index)],
  cellFields.slice(0, index + 1).toReversed(),
]);

/** One token, whose events go to a thousand subscribers on a connection each. */
export async function compareFanOut(): Promise<Figure[]> {
  const one = await measureSelections([cellFields]);
  await measureSelections(selections);
  return [
    {
      figure: 'fanout_cpu_vs_hand',
      ...spread(one.map(({ ours, hand }) => ours.cpuMicros / hand.cpuMicros)),
      mustReach: 0.4,
      beat: 0.2,
    },
  ];
}

async function measureSelections(
  selected: readonly (readonly (keyof Cell)[])[],
): Promise<Round<Contender>[]> {
  const entrants = await enter(contenders, async (server) => [await openFanOut(server, selected)]);
  const measured = await measureRounds(entrants);
  printTable([
    [
      `round, ${subscribers} subscribers, ${selected.length} selection(s)`,
      ...contenders.map((name) => `${name}: CPU µs per delivery`),
      ...contenders.map((name) => `${name}: deliveries/s`),
    ],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...contenders.map((name) => (round[name].cpuMicros / subscribers).toFixed(2)),
      ...contenders.map((name) => (round[name].eventsPerSecond * subscribers).toFixed(0)),
    ]),
  ]);
  return measured;
}

async function openFanOut(
  server: ContenderProcess,
  selected: readonly (readonly (keyof Cell)[])[],
): Promise<FanOut> {
  const [token = ''] = await server.ask({ ask: 'tokens', count: 1 });
  const byIndex = Array.from({ length: subscribers }, (_, index) =>
    cellOperations(server.contender, selected[index % selected.length]),
  );
  const sender = await FrameSocket.open(server.port);
  const opened = await inBatches(byIndex, () => FrameSocket.open(server.port));
  const fanOut = await subscribing(server, subscribers, async () => {
    return new FanOut(token, byIndex, { sender, subscribers: opened });
  });
  await fanOut.check();
  return fanOut;
}
