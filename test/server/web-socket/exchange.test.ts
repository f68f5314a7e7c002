import { expect, it } from 'vitest';
import { Exchange, type Party } from '../../../src/server/web-socket/exchange.ts';
import { turn } from '../../../src/time/turn.ts';

/** Notes what happens to it. */
class Noted implements Party {
  readonly log: string[] = [];
  readonly #exchange: Exchange;
  onReceive = (_text: string) => {};

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  receive(data: unknown): void {
    this.log.push(String(data));
    this.onReceive(String(data));
    this.#exchange.send(this);
    queueMicrotask(() => this.log.push('promises'));
  }

  failed(error: unknown): void {
    this.log.push(String(error));
  }

  flush(): void {
    this.log.push('flush');
  }

  get received(): number {
    return this.log.filter((each) => /^\d+$/.test(each)).length;
  }
}

const message = (text: unknown) => Buffer.from(String(text));

it('gives out messages, then lets promises settle, then flushes', async () => {
  const exchange = new Exchange();
  const party = new Noted(exchange);
  exchange.receive(party, message(1));
  exchange.receive(party, message(2));
  expect(party.log).toEqual([]);
  await turn();
  expect(party.log).toEqual(['1', '2', 'promises', 'promises', 'flush', 'flush']);
});

it('flushes a message that is alone before promises settle too', async () => {
  const exchange = new Exchange();
  const party = new Noted(exchange);
  exchange.receive(party, message(1));
  await turn();
  expect(party.log).toEqual(['1', 'flush', 'promises', 'flush']);
});

it('gives others a turn after 64 messages', async () => {
  const exchange = new Exchange();
  const party = new Noted(exchange);
  for (let at = 0; at < 200; at += 1) exchange.receive(party, message(at));
  const counts: number[] = [];
  while (party.received < 200) {
    await turn();
    counts.push(party.received);
  }
  expect(counts).toEqual([64, 128, 192, 200]);
});

it.each([
  ['1,024 messages', 1_024, 10],
  ['1 MB', 8, 128 * 1024],
])('lets no more than %s wait', (_, most, bytes) => {
  const exchange = new Exchange();
  const party = new Noted(exchange);
  for (let at = 0; at < most; at += 1) exchange.receive(party, Buffer.alloc(bytes, '1'));
  expect(party.log).toHaveLength(0);
  exchange.receive(party, message(1));
  expect(party.received).toBe(most + 1);
});

it('what one message breaks, the next ones do not feel', async () => {
  const exchange = new Exchange();
  const party = new Noted(exchange);
  party.onReceive = (text) => {
    if (text === '1') throw new Error('broken');
  };
  for (const text of [1, 2]) exchange.receive(party, message(text));
  await turn();
  expect(party.log.slice(0, 3)).toEqual(['1', 'Error: broken', '2']);
});

it('lets no more than 16 wait to write, but for those who answer', async () => {
  const exchange = new Exchange();
  const parties = Array.from({ length: 20 }, () => new Noted(exchange));
  const flushed = () => parties.filter(({ log }) => log.includes('flush')).length;
  for (const party of parties) exchange.send(party);
  expect(flushed()).toBe(16);
  await turn();
  expect(flushed()).toBe(20);

  const answering = Array.from({ length: 20 }, () => new Noted(exchange));
  for (const party of answering) exchange.receive(party, message(1));
  await turn();
  for (const { log } of answering) expect(log).toEqual(['1', 'promises', 'flush']);
});
