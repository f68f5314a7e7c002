import { setTimeout as sleep } from 'node:timers/promises';
import type { ClosedLoop } from './client/closed-loop.ts';
import type { ContenderProcess } from './contender-process.ts';

export interface Rate {
  readonly eventsPerSecond: number;
  /** How much of the time the server's process was on a CPU, 1 for all of it. */
  readonly busy: number;
  /** Of the server for each event. */
  readonly cpuMicros: number;
  /** In the middle of all round trips, in ms. */
  readonly medianMs: number;
  /** That came in for each event. */
  readonly bytes: number;
}

/** How long a loop runs before its speed is measured, in ms. */
const leadMs = 150;

/**
 * Runs a loop. Its speed is measured over so many ms in the middle, when it runs
 * evenly; what an event costs over the whole run, with all events from end to end.
 */
export async function measureRate(
  server: ContenderProcess,
  loop: ClosedLoop,
  ms: number,
): Promise<Rate> {
  const begin = await read(server, loop);
  loop.start();
  await sleep(leadMs);
  const from = await read(server, loop);
  await sleep(ms);
  const to = await read(server, loop);
  await loop.stop();
  const end = await read(server, loop);
  const events = end.events - begin.events;
  const sorted = loop.roundTrips.toSorted((a, b) => a - b);
  return {
    eventsPerSecond: ((to.events - from.events) * 1_000) / (to.at - from.at),
    busy: (to.cpuMicros - from.cpuMicros) / (to.clockMicros - from.clockMicros),
    cpuMicros: (end.cpuMicros - begin.cpuMicros) / events,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    bytes: (end.bytes - begin.bytes) / events,
  };
}

async function read(server: ContenderProcess, loop: ClosedLoop) {
  const { cpuMicros, clockMicros } = await server.ask({ ask: 'usage', heap: false });
  return { cpuMicros, clockMicros, at: performance.now(), events: loop.events, bytes: loop.bytes };
}
