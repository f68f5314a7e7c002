import type { Figure } from '../figure.ts';
import { compareFanOut } from './compare-fan-out.ts';
import { compareHttp } from './compare-http.ts';
import { compareIdle } from './compare-idle.ts';
import { compareReflex } from './compare-reflex.ts';
import { compareRows } from './compare-rows.ts';
import { compareSockets } from './compare-sockets.ts';
import { compareStartups } from './compare-startups.ts';
import { compareTicks } from './compare-ticks.ts';

/** What the server is compared at, by the names that contest.ts knows. */
export const workloads: Readonly<Record<string, () => Promise<Figure[]>>> = {
  ws: compareSockets,
  http: compareHttp,
  rows: compareRows,
  idle: compareIdle,
  tick: compareTicks,
  fanout: compareFanOut,
  startup: compareStartups,
  reflex: compareReflex,
};
