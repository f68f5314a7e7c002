import type { TokenKey } from 'statewire';
import type { ExampleContext } from '../../context.ts';
import { LowLevel } from '../schema/low-level.ts';

/** Promises of our own: referenced until they are done. */
const pendingFetches = new Set<Promise<void>>();

export const fetchData = LowLevel.event('fetchData').resolve((s, _args, { app, dataUrl }) => {
  s.result = 'Fetching…';
  // Detached: it takes the lock after this event has let go of it.
  const fetching = app.detach(() => fetchInto(app, s.token, dataUrl));
  pendingFetches.add(fetching);
  fetching.finally(() => pendingFetches.delete(fetching));
});

async function fetchInto(app: ExampleContext['app'], key: TokenKey, url: string): Promise<void> {
  let text: string;
  try {
    const response = await fetch(url);
    text = await response.text();
  } catch {
    text = 'The data could not be fetched.';
  }
  await app.modifyState(key, async (root) => {
    const state = await root.getState(LowLevel);
    state.result = text;
  });
}
