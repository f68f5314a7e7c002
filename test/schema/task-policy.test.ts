import { describe, expect, it } from 'vitest';
import { createBuilder } from '../support/lab.ts';

/** A background event `Cell.work` with options that may be wrong. */
function schemaWith(options: object) {
  const builder = createBuilder();
  builder
    .state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) })
    .background('work', options)
    .resolve(async () => {});
  return builder.toSchema();
}

function descriptionWith(options: object) {
  return schemaWith(options).getMutationType()?.getFields()['cellWork']?.description;
}

describe("the policy of a background event is in its mutation's description", () => {
  it.each<[string, object]>([
    ['At most 1 at a time per token: others wait for their turn.', { concurrency: { limit: 1 } }],
    [
      'At most 3 at a time on all tokens: others wait for their turn.',
      { concurrency: { limit: 3, scope: 'app', onLimit: 'queue' } },
    ],
    [
      'At most 2 at a time per token: others fail.',
      { concurrency: { limit: 2, scope: 'token', onLimit: 'reject' } },
    ],
    [
      'At most 1 at a time per token and key: a new one takes the place of the oldest.',
      { concurrency: { limit: 1, key: () => '', onLimit: 'replace' } },
    ],
    [
      'At most 1 at a time on all tokens and key: others fail.',
      { concurrency: { limit: 1, scope: 'app', key: () => '', onLimit: 'reject' } },
    ],
    ['Fails after 1500 ms.', { timeoutMs: 1_500 }],
    ['Goes on after a restart of the server; fails after 3 failed attempts.', { durable: true }],
    [
      'Goes on after a restart of the server; fails after 3 failed attempts.',
      { durable: { attempts: undefined, backoffMs: undefined } },
    ],
    [
      'Goes on after a restart of the server; fails after 1 failed attempt.',
      { durable: { attempts: 1, backoffMs: 0 } },
    ],
    ['Is cancelled when nobody has been subscribed for 5000 ms.', { cancelOn: 'disconnect' }],
    [
      'Is cancelled when nobody has been subscribed for 0 ms.',
      { cancelOn: 'disconnect', graceMs: 0 },
    ],
    [
      'At most 1 at a time per token: others wait for their turn. Fails after 10 ms. Is cancelled when nobody has been subscribed for 20 ms.',
      { concurrency: { limit: 1 }, timeoutMs: 10, cancelOn: 'disconnect', graceMs: 20 },
    ],
  ])('%s', (sentences, options) => {
    expect(descriptionWith(options)).toBe(sentences);
    const description = 'Imports rows.';
    expect(descriptionWith({ ...options, description })).toBe(`${description}\n\n${sentences}`);
  });

  it('which stays as it is if there is none', () => {
    expect(descriptionWith({})).toBeUndefined();
    expect(descriptionWith({ description: 'Imports rows.' })).toBe('Imports rows.');
    // Who starts it, and what becomes of it then, is nothing for clients.
    expect(descriptionWith({ detached: true, onExit: () => {} })).toBeUndefined();
  });

  it('beside the other options of a mutation', () => {
    const mutation = schemaWith({ timeoutMs: 5, deprecationReason: 'Old.' }).getMutationType();
    expect(mutation?.getFields()['cellWork']).toMatchObject({
      description: 'Fails after 5 ms.',
      deprecationReason: 'Old.',
    });
  });
});

describe('a policy that makes no sense is refused with what to do', () => {
  const limit = (value: unknown) => ({ concurrency: { limit: value } });
  const isNoLimit = (got: string) =>
    `Expected concurrency.limit of Cell.work to be a whole number, 1 or more, got ${got}.`;
  const isNoTimeout = (got: string) =>
    `Expected timeoutMs of Cell.work to be more than 0 ms, up to 24 days, got ${got}.`;
  const isNoGrace = (got: string) =>
    `Expected graceMs of Cell.work to be 0 ms or more, up to 24 days, got ${got}.`;

  const durable = (value: unknown) => ({ durable: value });
  const isNoCount = (got: string) =>
    `Expected durable.attempts of Cell.work to be a whole number, 1 or more, got ${got}.`;
  const isNoBackoff = (got: string) =>
    `Expected durable.backoffMs of Cell.work to be 0 ms or more, up to 24 days, got ${got}.`;
  const isNotDurable = (got: string) =>
    `Expected durable of Cell.work to be true, false or { attempts, backoffMs }, got ${got}.`;

  it.each<[options: object, problem: string]>([
    [durable({ attempts: 0 }), isNoCount('0')],
    [durable({ attempts: 1.5 }), isNoCount('1.5')],
    [durable({ attempts: '3' }), isNoCount('3')],
    [durable({ backoffMs: -1 }), isNoBackoff('-1')],
    [durable({ backoffMs: Number.POSITIVE_INFINITY }), isNoBackoff('Infinity')],
    [durable('yes'), isNotDurable('yes')],
    [durable(null), isNotDurable('null')],
    [limit(0), isNoLimit('0')],
    [limit(-1), isNoLimit('-1')],
    [limit(1.5), isNoLimit('1.5')],
    [limit(Number.NaN), isNoLimit('NaN')],
    [limit(Number.POSITIVE_INFINITY), isNoLimit('Infinity')],
    [limit('1'), isNoLimit('1')],
    [{ concurrency: {} }, isNoLimit('undefined')],
    [{ concurrency: 3 }, isNoLimit('undefined')],
    [
      { concurrency: { limit: 1, scope: 'node' } },
      "Expected concurrency.scope of Cell.work to be 'token' or 'app', got node.",
    ],
    [
      { concurrency: { limit: 1, key: 'rows' } },
      'Expected concurrency.key of Cell.work to be a function, got string.',
    ],
    [
      { concurrency: { limit: 1, onLimit: 'drop' } },
      "Expected concurrency.onLimit of Cell.work to be 'queue', 'reject' or 'replace', got drop.",
    ],
    [{ timeoutMs: 0 }, isNoTimeout('0')],
    [{ timeoutMs: -5 }, isNoTimeout('-5')],
    [{ timeoutMs: Number.NaN }, isNoTimeout('NaN')],
    [{ timeoutMs: 2 ** 31 }, isNoTimeout('2147483648')],
    [{ timeoutMs: '5' }, isNoTimeout('5')],
    [{ cancelOn: 'close' }, "Expected cancelOn of Cell.work to be 'disconnect', got close."],
    [{ cancelOn: 'disconnect', graceMs: -1 }, isNoGrace('-1')],
    [{ cancelOn: 'disconnect', graceMs: Number.POSITIVE_INFINITY }, isNoGrace('Infinity')],
    [{ cancelOn: 'disconnect', graceMs: '5' }, isNoGrace('5')],
    [
      { graceMs: 5 },
      "Expected cancelOn of Cell.work to be 'disconnect' where there is graceMs, got undefined.",
    ],
  ])('%o', (options, problem) => {
    expect(() => schemaWith(options)).toThrow(problem);
  });

  it.each([
    limit(1),
    limit(Number.MAX_SAFE_INTEGER),
    { timeoutMs: 0.5 },
    { timeoutMs: 2 ** 31 - 1 },
    { cancelOn: 'disconnect', graceMs: 2 ** 31 - 1 },
  ])('but not %o', (options) => {
    expect(() => schemaWith(options)).not.toThrow();
  });

  it('and all of it at once, also of an event that is not in the schema', () => {
    const wrong = {
      ...{ concurrency: { limit: 0, scope: 'x', onLimit: 'y', key: 1 } },
      ...{ timeoutMs: 0, cancelOn: 'z', graceMs: -1, internal: true },
    };
    expect(() => schemaWith(wrong)).toThrow(
      new RegExp(
        [
          ...['got 7 problems:', 'concurrency\\.limit', 'concurrency\\.scope'],
          ...['concurrency\\.key', 'concurrency\\.onLimit', 'timeoutMs', 'cancelOn', 'graceMs'],
        ].join('[\\s\\S]*'),
      ),
    );
  });
});

it('belongs to background events: an event with one is told by toSchema()', () => {
  const builder = createBuilder();
  const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Cell.event('add', { timeoutMs: 5 } as never).resolve(() => {});
  expect(() => builder.toSchema()).toThrow('Expected no timeoutMs of Cell.add');
});
