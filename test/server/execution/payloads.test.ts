import { expect, it } from 'vitest';
import { EventPayload } from '../../../resolvers/event-payload.ts';
import { keepLatest } from '../../../resolvers/keep-latest.ts';
import { statePayload } from '../../../resolvers/state-payload.ts';
import type { StateDefinition } from '../../../src/state/definitions.ts';
import type { StateSnapshot } from '../../../src/state/snapshot.ts';
import type { TokenKey } from '../../../src/tokens/token-key.ts';

const key = 'a key' as TokenKey;
const definition = { name: 'S' } as StateDefinition;

function snapshotAt(version: number): StateSnapshot {
  return Object.freeze({ version, loaded: true, values: { n: version }, computed: {} });
}

it('what an event left behind is the payload that others read of the same snapshot', () => {
  const state = snapshotAt(3);
  const payload = new EventPayload(key, definition, { state, tasks: [] });
  expect(payload.version).toBe(3);
  expect(payload.tasks).toEqual([]);
  expect(payload.state).toBe(statePayload(key, definition, state));
  expect(payload.state).toMatchObject({ n: 3 });
  expect(Object.isFrozen(payload.state)).toBe(true);
});

it('something is made again only when 16 others have been made since', () => {
  const made: object[] = [];
  const make = keepLatest((from: object) => {
    made.push(from);
    return { from };
  });
  const objects = Array.from({ length: 17 }, () => ({}));
  const first = objects.slice(0, 16).map(make);
  expect(objects.slice(0, 16).map(make)).toEqual(first);
  expect(made).toHaveLength(16);
  make(objects[16] as object);
  expect(make(objects[1] as object)).toBe(first[1]);
  expect(make(objects[0] as object)).not.toBe(first[0]);
  expect(made).toHaveLength(18);
});
