import type { Clock } from './clock.ts';

/** Waits for the work to settle, but no longer than `ms`; says whether it did. */
export async function settledWithin(
  work: Promise<unknown>,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<boolean> {
  let cancel = () => {};
  const timeout = new Promise<false>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    cancel();
  }
}
