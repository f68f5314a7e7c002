import { type Figure, spread } from '../figure.ts';
import { enter, measureRounds, printRounds } from './measure-rounds.ts';
import { openHttp } from './open-tokens.ts';
import { cellOperations } from './operations.ts';

const names = ['hand', 'ours'] as const;
const tokens = 50;

/** Events by HTTP POST, and subscriptions by server-sent events. */
export async function compareHttp(): Promise<Figure[]> {
  const entrants = await enter(names, (server) =>
    openHttp(server, tokens, cellOperations(server.contender)),
  );
  const measured = await measureRounds(entrants);
  printRounds(`by POST at ${tokens} tokens`, names, measured);
  return [
    {
      figure: `http${tokens}_vs_hand`,
      ...spread(measured.map(({ ours, hand }) => ours.eventsPerSecond / hand.eventsPerSecond)),
      mustReach: 1,
      beat: 3,
    },
  ];
}
