// How many events a second Reflex itself takes, over its own socket.
import { spread } from './figure.ts';
import { type ReflexRate, startReflex } from './reflex/reflex-server.ts';
import { printTable } from './table.ts';

const tokens = 50;
const rounds = 5;
const seconds = 3;

const server = await startReflex();
try {
  const measured: ReflexRate[] = [];
  while (server && measured.length < rounds) {
    measured.push(await server.eventsPerSecond(tokens, seconds));
  }
  const columns = [
    measured.map(({ rate }) => rate),
    measured.map(({ busy }) => busy * 100),
    measured.map(({ cpuPerEventMicros }) => cpuPerEventMicros),
  ];
  const row = (name: string, cell: (values: readonly number[]) => number) => [
    name,
    ...columns.map((values) => (server ? cell(values).toFixed(0) : 'n/a')),
  ];
  printTable([
    [`Reflex, ${tokens} tokens`, 'events/s', 'busy, %', 'CPU per event, µs'],
    ...measured.map((_, index) => row(`round ${index + 1}`, (values) => values[index] ?? 0)),
    row('median', (values) => spread(values).value),
    row('low', (values) => spread(values).low),
    row('high', (values) => spread(values).high),
  ]);
} finally {
  await server?.stop();
}
