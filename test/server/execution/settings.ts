/** How many operations the comparisons with graphql-js generate: a few hundred in seconds. */
export const numRuns = Number(process.env['EXECUTION_RUNS'] ?? 150);
