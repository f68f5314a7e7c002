import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerBench } from './subject.ts';
import { TimerTicks } from './timer-ticks.ts';

/** A server that makes no tokens of its own, and has timers for tasks. */
interface TimedServer {
  readonly http: Server;
  subscriptions(): number;
  tick(token: string, due: number): void;
}

/** Listens, and answers the bench. */
export async function answerByTimers({ http, subscriptions, tick }: TimedServer): Promise<void> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const timers = new TimerTicks();
  answerBench({
    port: (http.address() as AddressInfo).port,
    makeTokens: (count) =>
      Array.from({ length: count }, () => randomBytes(50).toString('base64url')),
    subscriptions,
    startTicks: (tokens) => timers.start(tokens, tick),
    stopTicks: () => timers.stop(),
  });
}
