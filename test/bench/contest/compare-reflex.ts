import { type Figure, spread } from '../figure.ts';
import { type ReflexServer, startReflex } from '../reflex/reflex-server.ts';
import { printTable } from '../table.ts';
import { ClosedLoop } from './client/closed-loop.ts';
import { measureRate } from './measure-rate.ts';
import { enter } from './measure-rounds.ts';
import { openSockets } from './open-tokens.ts';
import { cellOperations } from './operations.ts';

const tokens = 50;
const rounds = 5;
const seconds = 3;

const wanted = { figure: 'ws50_vs_reflex', mustReach: 5, beat: 10 } as const;

/** Events of 50 tokens over WebSocket, beside Reflex over its own socket; n/a where it cannot be installed. */
export async function compareReflex(): Promise<Figure[]> {
  const reflex = await startReflex();
  if (!reflex) return [{ ...wanted, value: 'n/a', low: 'n/a', high: 'n/a' }];
  try {
    return [{ ...wanted, ...(await compareWith(reflex)) }];
  } finally {
    await reflex.stop();
  }
}

async function compareWith(reflex: ReflexServer): Promise<ReturnType<typeof spread>> {
  const [entrant] = await enter(['ours'], (server) =>
    openSockets(server, tokens, cellOperations('ours')),
  );
  if (!entrant) throw new Error('Expected a server to compare with Reflex.');
  const loop = new ClosedLoop(entrant.sources);
  const measure = async () => ({
    reflex: await reflex.eventsPerSecond(tokens, seconds),
    ours: await measureRate(entrant.server, loop, seconds * 1_000),
  });
  await measure();
  const measured = [];
  while (measured.length < rounds) measured.push(await measure());
  loop.close();
  await entrant.server.stop();
  printTable([
    [`round, events/s at ${tokens} tokens`, 'reflex', 'ours', 'reflex: CPU µs', 'ours: CPU µs'],
    ...measured.map(({ reflex: theirs, ours }, index) => [
      `${index + 1}`,
      ...[theirs.rate, ours.eventsPerSecond, theirs.cpuPerEventMicros, ours.cpuMicros].map(
        (value) => value.toFixed(0),
      ),
    ]),
  ]);
  return spread(measured.map(({ reflex: theirs, ours }) => ours.eventsPerSecond / theirs.rate));
}
