import { setImmediate as turn } from 'node:timers/promises';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, getSSEProcessor } from 'graphql-yoga';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventStream } from '../../../src/server/http/event-stream.ts';

afterEach(() => {
  vi.useRealTimers();
});

const { fetchAPI } = createYoga({});

const failed = new GraphQLError('It failed', {
  path: ['a'],
  extensions: { code: 'FAILED', http: { status: 400 }, unexpected: true },
});

async function* some(): AsyncGenerator<ExecutionResult> {
  yield { data: { a: 1, text: 'two\nlines, ünicode' } };
  yield { data: { a: null }, errors: [failed] };
  yield { data: { a: 2 }, extensions: { delta: 1 } };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return String(Buffer.concat(chunks));
}

/** Results that wait for ever; says whether they were left. */
function waiting() {
  const left = vi.fn();
  const results: AsyncIterableIterator<ExecutionResult> = {
    next: () => new Promise(() => {}),
    async return() {
      left();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return { results, left };
}

describe('an event stream', () => {
  it('is what yoga makes of the same results, to the byte', async () => {
    const response = await getSSEProcessor()(some() as never, fetchAPI, 'text/event-stream');
    expect(await textOf(new EventStream(some()))).toBe(await response.text());
  });

  it('asks for a result only when there is room for it', async () => {
    let asked = 0;
    async function* big(): AsyncGenerator<ExecutionResult> {
      for (;;) {
        asked += 1;
        yield { data: { text: 'x'.repeat(100_000) } };
      }
    }
    const stream = new EventStream(big());
    stream.read();
    await turn();
    await turn();
    expect(asked).toBe(1);
    stream.read();
    await turn();
    expect(asked).toBe(2);
    stream.destroy();
  });

  it('that is destroyed leaves its results, also while they wait', async () => {
    const { results, left } = waiting();
    const stream = new EventStream(results);
    stream.read();
    await turn();
    expect(left).not.toHaveBeenCalled();
    stream.destroy();
    await turn();
    expect(left).toHaveBeenCalledOnce();
  });

  it('pings while nothing comes, unless its client is behind', () => {
    vi.useFakeTimers();
    const stream = new EventStream(waiting().results);
    expect(String(stream.read())).toBe(':\n\n');
    vi.advanceTimersByTime(11_999);
    expect(stream.read()).toBeNull();
    vi.advanceTimersByTime(1);
    expect(stream.readableLength).toBe(3);
    vi.advanceTimersByTime(60_000);
    expect(stream.readableLength).toBe(3);
    stream.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, () => AsyncGenerator<ExecutionResult>]>([
    [
      'that fail',
      async function* () {
        yield { data: { a: 1 } };
        throw new Error('It failed');
      },
    ],
    [
      'that are no JSON',
      async function* () {
        yield { data: { a: 1 } };
        yield { data: { a: 2n } };
        yield { data: { a: 3 } };
      },
    ],
  ])('of results %s ends without `complete`', async (_what, results) => {
    expect(await textOf(new EventStream(results()))).toBe(
      ':\n\nevent: next\ndata: {"data":{"a":1}}\n\n',
    );
  });
});
