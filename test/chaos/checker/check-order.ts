import type { Report } from './report.ts';

/** Acknowledged at a time, to stay at its version. */
export interface Settled {
  readonly name: string;
  readonly at: number;
  readonly version: number;
}

/** Sent at a time, and found at its version. */
export interface Sent {
  readonly name: string;
  readonly sentAt: number;
  readonly version: number;
}

/** What was acknowledged before another was sent must have the smaller version. */
export function checkOrder(
  settled: readonly Settled[],
  sent: readonly Sent[],
  report: Report,
): void {
  const byTime = [...settled].sort((a, b) => a.at - b.at);
  let next = 0;
  let highest: Settled | null = null;
  for (const later of [...sent].sort((a, b) => a.sentAt - b.sentAt)) {
    for (let earlier = byTime[next]; earlier && earlier.at < later.sentAt; earlier = byTime[next]) {
      if (!highest || earlier.version > highest.version) highest = earlier;
      next += 1;
    }
    if (highest && highest.version >= later.version) {
      report.add(
        'order',
        `${later.name}, sent at ${later.sentAt}, is version ${later.version}; ${highest.name}, acknowledged at ${highest.at}, is version ${highest.version}`,
      );
    }
  }
}
