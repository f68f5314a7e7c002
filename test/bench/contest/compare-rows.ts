import { type Figure, spread } from '../figure.ts';
import { printTable } from '../table.ts';
import type { EventSource } from './client/event-source.ts';
import { SocketToken } from './client/socket-token.ts';
import { ContenderProcess } from './contender-process.ts';
import { type Entrant, measureRounds, type Round } from './measure-rounds.ts';
import { openSockets, openTokens } from './open-tokens.ts';
import { cellOperations, fillRows, rowsOperations } from './operations.ts';

type Rows = 10 | 1_000 | 100_000;

type Name = 'five scalars' | `${Rows} rows` | `${Rows} rows, whole`;

/** One field of one of many rows, beside an event with five scalars. */
export async function compareRows(): Promise<Figure[]> {
  const small = await measureSizes([10, 1_000], 4);
  const large = await measureSizes([100_000], 1);
  const cpu = (measured: readonly Round<Name>[], name: Name) =>
    spread(measured.map((round) => round[name].cpuMicros / round['five scalars'].cpuMicros));
  return [
    { figure: 'rows1k_cpu', ...cpu(small, '1000 rows'), mustReach: 2, beat: 1.3 },
    {
      figure: 'rows1k_bytes',
      ...spread(small.map((round) => round['1000 rows'].bytes / round['1000 rows, whole'].bytes)),
      mustReach: 0.02,
      beat: 0.01,
    },
    { figure: 'rows100k_cpu', ...cpu(large, '100000 rows'), mustReach: 40, beat: 15 },
  ];
}

async function measureSizes(sizes: readonly Rows[], tokens: number): Promise<Round<Name>[]> {
  const server = await ContenderProcess.start('ours');
  const cells = await openSockets(server, tokens, cellOperations('ours'));
  const entrants: Entrant<Name>[] = [{ name: 'five scalars', server, sources: cells }];
  for (const rows of sizes) {
    const delta = await openRows(server, tokens, { rows, wire: 'delta' });
    entrants.push({ name: `${rows} rows`, server, sources: delta });
    const whole = await openRows(server, tokens, { rows, wire: 'whole' });
    entrants.push({ name: `${rows} rows, whole`, server, sources: whole });
  }
  const measured = await measureRounds(entrants);
  const names = entrants.map(({ name }) => name);
  printTable([
    [
      `round, ${tokens} token(s)`,
      ...names.map((name) => `${name}: CPU µs`),
      ...names.map((name) => `${name}: bytes`),
    ],
    ...measured.map((round, index) => [
      `${index + 1}`,
      ...names.map((name) => round[name].cpuMicros.toFixed(0)),
      ...names.map((name) => round[name].bytes.toFixed(0)),
    ]),
  ]);
  return measured;
}

async function openRows(
  server: ContenderProcess,
  count: number,
  { rows, wire }: { readonly rows: Rows; readonly wire: 'delta' | 'whole' },
): Promise<EventSource[]> {
  const tokens = await server.ask({ ask: 'tokens', count });
  for (const token of tokens) await fill(server.port, { token, rows });
  const operations = rowsOperations(rows, wire);
  return openTokens(server, tokens, (token) => SocketToken.open(server.port, token, operations));
}

async function fill(port: number, variables: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: fillRows, variables }),
  });
  const { errors } = (await response.json()) as { readonly errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
}
