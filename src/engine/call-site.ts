/** Where `callee` was called from, for messages: `file:///app/tasks.ts:12:9`. */
export function callSite(callee: (...args: never[]) => unknown): string | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  const line = trace.stack?.split('\n')[1];
  return line?.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '');
}
