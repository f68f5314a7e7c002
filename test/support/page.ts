import { memoryStore } from 'statewire';
import { expect } from 'vitest';
import { livenessIntervalMs } from '../../src/server/delivery-watch.ts';
import { ManualClock } from '../../src/testing/test-clock.ts';
import { type Lab, type LabBuilder, startLab } from './lab.ts';
import type { Data, SocketClient } from './socket-client.ts';

/** A state with a number, and a text so long that a few commits fill the buffers of the system. */
export function definePage(textBytes: number): (builder: LabBuilder) => void {
  return (builder) => {
    const Page = builder.state('Page', {
      vars: (t) => ({
        n: t.int({ default: 0 }),
        text: t.string({ default: () => 'x'.repeat(textBytes) }),
      }),
    });
    Page.event('turn').resolve((s) => {
      s.n += 1;
    });
  };
}

export const turnPage = 'mutation { pageTurn(token: "T") { version } }';

/** Each diff has the whole text. */
export const watchPage =
  'subscription ($since: String) { page(token: "T", since: $since) { version since cursor reset state { n text } } }';

/** The same without the text. */
export const watchNumber =
  'subscription ($since: String) { page(token: "T", since: $since) { version since reset state { n } } }';

/** That a subscriber who was let go at some diff goes on from its cursor, to the hundredth, without a gap. */
export async function expectToGoOn(client: SocketClient, before: readonly Data[]): Promise<void> {
  const resumed = client.subscribe(watchNumber, { since: before.at(-1).cursor });
  const after = await resumed.takeUntil(({ version }) => version === 100);
  const all = [...before, ...after];
  expect(all.slice(1).map(({ since }) => since)).toEqual(
    all.slice(0, -1).map(({ version }) => version),
  );
  expect(after.some(({ reset }) => reset)).toBe(false);
  expect(after.at(-1).state.n).toBe(100);
}

export interface PageLab extends Lab {
  /** The time goes on until each connection is looked at once; who reads has answered by then. */
  look(): Promise<void>;
}

/** A server with a page, whose connections are looked at when the test says so. */
export async function startPageLab(textBytes: number): Promise<PageLab> {
  const clock = new ManualClock();
  const lab = await startLab(memoryStore, definePage(textBytes), {}, { clock });
  const roundTrip = () => lab.client.run('{ page(token: "T") { n } }');
  return {
    ...lab,
    async look() {
      // The server's sockets have their turn: it sees what was taken until now.
      await roundTrip();
      clock.moveTo(clock.now() + livenessIntervalMs);
      // The pong leaves before the second question, and is read before it.
      await roundTrip();
      await roundTrip();
    },
  };
}
