/** Where the caller's caller stands in the code, for messages: `file:///app/tasks.ts:12:9`. */
export function callSite(): string | undefined {
  const line = new Error().stack?.split('\n')[3];
  return line?.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '');
}
