import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import { type Contender, contenders } from './channel.ts';
import { encodeFrame } from './client/encode-frame.ts';
import { FrameSocket } from './client/frame-socket.ts';
import { subscribeMessage } from './client/subscribe-message.ts';
import { TickWatch } from './client/tick-watch.ts';
import { ContenderProcess } from './contender-process.ts';
import { subscribing, untilAtRest } from './open-tokens.ts';
import { tickOperation } from './operations.ts';
import { tickMs } from './ticks.ts';

const rounds = 5;
/**
 * While others have their turn, V8 gives up the room that the heap of a server had, and takes it
 * again by two or three full collections in the first seconds.
 */
const leadMs = 6_000;
const roundMs = 3_000;
const mostTokens = 5_000;
const connections = 50;

interface Ticking {
  readonly ticksPerSecond: number;
  /** Of the server, for each tick that has arrived. */
  readonly cpuMicros: number;
  /** Later than 99 % of them, in ms. */
  readonly p99Ms: number;
}

type Round = Readonly<Record<Contender, Ticking>>;

/** A server whose tokens may tick, each with a subscriber who knows how late. */
interface Clockwork {
  readonly server: ContenderProcess;
  readonly tokens: readonly string[];
  readonly watch: TickWatch;
  close(): Promise<void>;
}

/** Background tasks that tick at 2 Hz, one for each token. */
export async function compareTicks(): Promise<Figure[]> {
  const clockworks: Clockwork[] = [];
  for (const name of contenders) clockworks.push(await openClockwork(name));
  await measureRounds(clockworks, 1_000);
  const measured = await measureRounds(clockworks, mostTokens);
  for (const clockwork of clockworks) await clockwork.close();
  return [
    {
      figure: 'tick_cpu_vs_hand',
      ...spread(measured.map(({ ours, hand }) => ours.cpuMicros / hand.cpuMicros)),
      mustReach: 0.6,
      beat: 0.4,
    },
    {
      figure: 'tick_late_vs_raw',
      ...spread(measured.map(({ ours, raw }) => ours.p99Ms / raw.p99Ms)),
      mustReach: 2,
      beat: 1.5,
    },
  ];
}

async function openClockwork(name: Contender): Promise<Clockwork> {
  const server = await ContenderProcess.start(name);
  const tokens = await server.ask({ ask: 'tokens', count: mostTokens });
  const watch = new TickWatch();
  const sockets: FrameSocket[] = [];
  await subscribing(server, mostTokens, async () => {
    for (let index = 0; index < connections; index += 1) {
      const socket = await FrameSocket.open(server.port);
      sockets.push(socket);
      watch.watch(socket);
      for (const [id, token] of tokens.entries()) {
        if (id % connections !== index) continue;
        const payload = { query: tickOperation(name), variables: { token } };
        socket.send(encodeFrame(subscribeMessage(`${id}`, payload)));
      }
    }
  });
  return {
    ...{ server, tokens, watch },
    async close() {
      for (const socket of sockets) socket.close();
      await server.stop();
    },
  };
}

async function measureRounds(clockworks: readonly Clockwork[], tokens: number): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ticking: [Contender, Ticking][] = [];
    for (const clockwork of clockworks) {
      ticking.push([clockwork.server.contender, await measureTicks(clockwork, tokens)]);
    }
    measured.push(Object.fromEntries(ticking) as Round);
  }
  const expected = (tokens * 1_000) / tickMs;
  printTable([
    [
      `round, ${tokens} tokens, ${expected} ticks/s`,
      ...contenders.map((name) => `${name}: ticks/s`),
      ...contenders.map((name) => `${name}: CPU µs`),
      ...contenders.map((name) => `${name}: p99 ms`),
    ],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...contenders.map((name) => round[name].ticksPerSecond.toFixed(0)),
      ...contenders.map((name) => round[name].cpuMicros.toFixed(1)),
      ...contenders.map((name) => round[name].p99Ms.toFixed(2)),
    ]),
  ]);
  return measured;
}

async function measureTicks({ server, tokens, watch }: Clockwork, count: number): Promise<Ticking> {
  await server.ask({ ask: 'startTicks', tokens: tokens.slice(0, count) });
  await sleep(leadMs);
  const before = await server.ask({ ask: 'usage', heap: false });
  watch.clear();
  const start = performance.now();
  await sleep(roundMs);
  const { late } = watch;
  const seconds = (performance.now() - start) / 1_000;
  const ticks = late.length;
  const after = await server.ask({ ask: 'usage', heap: false });
  await server.ask({ ask: 'stopTicks' });
  await untilAtRest(server);
  const sorted = late.toSorted((a, b) => a - b);
  return {
    ticksPerSecond: ticks / seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / ticks,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  };
}
