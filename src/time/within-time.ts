import type { Clock } from './clock.ts';

/** Settles as the work does, or rejects with what `onTimeout` makes after `ms`. */
export async function withinTime<T>(
  work: Promise<T>,
  {
    clock,
    ms,
    onTimeout,
  }: { readonly clock: Clock; readonly ms: number; readonly onTimeout: () => Error },
): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(ms, () => reject(onTimeout()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}
