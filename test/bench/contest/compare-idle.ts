import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Contender, contenders } from './channel.ts';
import { ContenderProcess } from './contender-process.ts';
import { openIdle } from './idle-sockets.ts';
import { requireHand } from './require-hand.ts';

const rounds = 3;
const subscriptions = 10_000;

/** Opened before, so that what is made once is not counted. */
const first = 100;

/** What a subscription takes of the heap while nothing happens: each on a connection of its own. */
export async function compareIdle(): Promise<Figure[]> {
  const measured: Record<Contender, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bytes = { raw: 0, hand: 0, ours: 0 };
    for (const name of contenders) bytes[name] = await bytesOf(name);
    measured.push(bytes);
  }
  printTable([
    ['round, heap KB per idle subscription', ...contenders],
    ...measured.map((bytes, index) => [
      `${index + 1}`,
      ...contenders.map((name) => (bytes[name] / 1_000).toFixed(2)),
    ]),
  ]);
  const hand = spread(measured.map((bytes) => bytes.hand / 1_000)).value;
  requireHand('KB of heap per idle subscription', hand, { atMost: 20 });
  const relative = (to: Contender) => spread(measured.map((bytes) => bytes.ours / bytes[to]));
  return [
    { figure: 'idle_vs_hand', ...relative('hand'), mustReach: 0.5, beat: 0.25 },
    { figure: 'idle_vs_raw', ...relative('raw'), mustReach: 2, beat: 1.3 },
  ];
}

async function bytesOf(name: Contender): Promise<number> {
  const server = await ContenderProcess.start(name);
  const sockets = await openIdle(server, first);
  const before = await server.ask({ ask: 'usage', heap: true });
  sockets.push(...(await openIdle(server, subscriptions)));
  const after = await server.ask({ ask: 'usage', heap: true });
  for (const socket of sockets) socket.close();
  await server.stop();
  return (after.heapUsed - before.heapUsed) / subscriptions;
}
