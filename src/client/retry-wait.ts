const firstMs = 250;
const longestMs = 8_000;

/**
 * Waits before the next try: longer each time, 8 s at most, and not the same for
 * all who wait. In a browser that says it is offline it waits for the longest,
 * and ends as soon as it is online again.
 *
 * @param retries how often it was tried before, from 0.
 * @param signal ends it at once.
 */
export async function retryWait(retries: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const ms = isOffline() ? longestMs : Math.min(firstMs * 2 ** retries, longestMs);
  const { promise, resolve } = newPromise();
  const timer = setTimeout(resolve, ms * (0.5 + Math.random() / 2));
  signal?.addEventListener('abort', resolve);
  // Online in no more than a name: the server may be on this very machine, so the wait has an end.
  if (isBrowser) addEventListener('online', resolve);
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', resolve);
  if (isBrowser) removeEventListener('online', resolve);
}

const isBrowser = typeof addEventListener === 'function';

/** Only a browser knows; elsewhere nothing is known. */
function isOffline(): boolean {
  return isBrowser && globalThis.navigator?.onLine === false;
}

function newPromise() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
