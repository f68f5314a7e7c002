import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeltaDecoder } from '../../src/delta/delta-decoder.ts';
import { DeltaEncoder } from '../../src/delta/delta-encoder.ts';
import { WrittenDelta } from '../../src/delta/written-delta.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into results of their own making.
type Message = any;

/** An encoder and a decoder with JSON between them. */
function wire() {
  const encoder = new DeltaEncoder();
  const decoder = new DeltaDecoder();
  const sent: Message[] = [];
  return {
    sent,
    pass(result: Message): Message {
      const message = JSON.parse(JSON.stringify(encoder.encode(result)));
      sent.push(message);
      return decoder.decode(message);
    },
  };
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id, text: `row ${id}` }));

describe('messages', () => {
  it('give back every result, whatever comes after whatever', () => {
    const data = fc.oneof(
      fc.constant(null),
      fc.record({ a: fc.nat(2), rows: fc.nat(4).map(rows) }),
      fc.record({ a: fc.constantFrom(null, 'x', [1, 2]) }),
    );
    const result = fc.record(
      {
        data,
        errors: fc.constant([{ message: 'no', path: ['a'] }]),
        extensions: fc.constantFrom({ cost: 1 }, {}),
      },
      { requiredKeys: ['data'] },
    );
    fc.assert(
      fc.property(fc.array(result, { maxLength: 12 }), (results) => {
        const { pass } = wire();
        for (const each of results) {
          // An empty object says nothing, and does not come back.
          const { extensions, ...rest } = JSON.parse(JSON.stringify(each));
          const hasExtensions = Object.keys(extensions ?? {}).length > 0;
          expect(pass(each)).toEqual(hasExtensions ? { ...rest, extensions } : rest);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('are whole for the first, and then differences, numbered from 1', () => {
    const { pass, sent } = wire();
    for (const count of [20, 21, 22]) pass({ data: { rows: rows(count) } });
    expect(sent).toEqual([
      { data: { rows: rows(20) }, extensions: { delta: 1 } },
      { delta: [1, { rows: [20, 0, { id: 20, text: 'row 20' }] }] },
      { delta: [2, { rows: [21, 0, { id: 21, text: 'row 21' }] }] },
    ]);
  });

  it('are whole where that is shorter, and the numbers begin again', () => {
    const { pass, sent } = wire();
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`the field ${n}`, 1]));
    for (const count of [40, 41, 1, 2]) pass({ data: { json: fields(count) } });
    expect(sent.slice(1)).toEqual([
      { delta: [1, { json: { 'the field 40': 1 } }] },
      { data: { json: fields(1) }, extensions: { delta: 1 } },
      { delta: [1, { json: { 'the field 1': 1 } }] },
    ]);
  });

  it('that are short are not held against the text of a long result', () => {
    const encoder = new DeltaEncoder();
    let written = 0;
    const stamp = (text: string) => ({
      toJSON() {
        written += 1;
        return text;
      },
    });
    const many = rows(10_000).map((row) => ({ ...row, stamp: stamp('at noon') }));
    encoder.encode({ data: { rows: many } });
    const text = 'a long text '.repeat(100);
    const after = many.with(7, { id: 7, text, stamp: stamp('at night') });
    const message = JSON.parse(JSON.stringify(encoder.encode({ data: { rows: after } })));
    expect(message).toMatchObject({ delta: [1, { rows: { 7: { text } } }] });
    expect(written).toBeLessThan(10);
  });

  it('that are differences are text already, and give the same to who does not know it', () => {
    const encoder = new DeltaEncoder();
    encoder.encode({ data: { a: 'one', b: 1 } });
    const message = encoder.encode({ data: { a: 'the "other"', b: 1 } }) as WrittenDelta;
    expect(message).toBeInstanceOf(WrittenDelta);
    expect(message.text).toBe('{"delta":[1,{"a":"the \\"other\\""}]}');
    expect(JSON.stringify(message)).toBe(message.text);
    const copy = JSON.stringify({ ...message, extensions: { traced: true } });
    expect(JSON.parse(copy)).toEqual({ ...JSON.parse(message.text), extensions: { traced: true } });
  });

  it('are whole with errors or extensions, and the difference after them is to their data', () => {
    const { pass, sent } = wire();
    pass({ data: { rows: rows(20), a: 1 } });
    pass({ data: { rows: rows(20), a: null }, errors: [{ message: 'no' }] });
    pass({ data: { rows: rows(20), a: null } });
    pass({ data: null, errors: [{ message: 'no' }] });
    pass({ data: { rows: rows(20), a: 1 } });
    expect(sent.map((message) => message.delta ?? 'whole')).toEqual([
      ...['whole', 'whole', [1, {}], 'whole', 'whole'],
    ]);
  });

  it('that say of parts to come are passed on as they are, and nothing follows from them', () => {
    const { pass, sent } = wire();
    pass({ data: { rows: rows(20) }, hasNext: true });
    pass({ data: { rows: rows(20) } });
    expect(sent).toEqual([
      { data: { rows: rows(20) }, hasNext: true },
      { data: { rows: rows(20) }, extensions: { delta: 1 } },
    ]);
  });

  it('of a server that does not number them are passed on as they are', () => {
    const decoder = new DeltaDecoder();
    const result = { data: { a: 1 }, extensions: { delta: 2 } };
    expect(decoder.decode(result)).toBe(result);
    expect(decoder.decode({ delta: [1, { a: 2 }] })).toBeNull();
  });

  it('after a lost one, a repeated one, before a whole one, or that do not fit, give nothing', () => {
    const [whole, first, second] = [
      { data: { a: 1 }, extensions: { delta: 1 } },
      { delta: [1, { a: 2 }] as const },
      { delta: [2, { a: 3 }] as const },
    ];
    const unfit = { delta: [1, { a: { b: 1 } }] as const };
    for (const messages of [[first], [whole, second], [whole, first, first], [whole, unfit]]) {
      const decoder = new DeltaDecoder();
      const refused = messages.pop() as Message;
      for (const message of messages) decoder.decode<Message>(message);
      expect(decoder.decode(refused)).toBeNull();
    }
  });

  it('make results that share what did not change, and change nothing in earlier ones', () => {
    const { pass } = wire();
    const first = pass({ data: { rows: rows(20), other: { a: 1 } } });
    const copy = structuredClone(first);
    const second = pass({ data: { rows: rows(21), other: { a: 1 } } });
    expect(first).toEqual(copy);
    expect(second.data.other).toBe(first.data.other);
    expect(second.data.rows[3]).toBe(first.data.rows[3]);
  });
});
