/**
 * Makes what follows from `from`, and not again for what it was called with last: the
 * subscribers of a token get a diff one after the other, and so get the same payload.
 */
export function keepLatest<From, Rest extends unknown[], Made>(
  make: (from: From, ...rest: Rest) => Made,
): (from: From, ...rest: Rest) => Made {
  let latest: { readonly from: From; readonly made: Made } | null = null;
  return (from, ...rest) => {
    if (latest?.from !== from) latest = { from, made: make(from, ...rest) };
    return latest.made;
  };
}
