/**
 * Makes the run end with 1 if `hand` is not as good as it is known to be: then it does
 * not run as its authors recommend, and to be better proves nothing.
 */
export function requireHand(
  what: string,
  value: number,
  limit: { readonly atLeast: number } | { readonly atMost: number },
): void {
  const good = 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
  if (good) return;
  console.error(`The run is invalid: hand has ${value.toFixed(3)} ${what}.\n`);
  process.exitCode = 1;
}
