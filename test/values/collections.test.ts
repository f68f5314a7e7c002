import { inspect } from 'node:util';
import { ImmutableStateError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/values/apply.ts';
import { detached } from '../../src/values/detached.ts';
import { diff } from '../../src/values/diff/diff.ts';
import { readOnly } from '../../src/values/read-only.ts';
import { settle } from '../../src/values/settle.ts';
import { draftOf } from '../support/draft-of.ts';

interface Rooms {
  byName: Map<string, { seats: number[] }>;
  tags: Set<unknown>;
}

const rooms = (): Rooms => ({
  byName: new Map([
    ['red', { seats: [1] }],
    ['blue', { seats: [2] }],
  ]),
  tags: new Set(['a', 'b']),
});

describe('a Map in a draft', () => {
  it('works as any Map, and its values are drafts', () => {
    const { node, base, draft } = draftOf(rooms());
    const { byName } = draft;
    expect(byName).toBeInstanceOf(Map);
    expect(byName.size).toBe(2);
    expect([...byName.keys()]).toEqual(['red', 'blue']);
    byName.get('red')?.seats.push(9);
    for (const [name, room] of byName) if (name === 'blue') room.seats = [];
    expect(byName.set('green', { seats: [] })).toBe(byName);
    expect(byName.get('green')).toBe(byName.get('green'));
    byName.get('green')?.seats.push(3);
    expect(byName.delete('red')).toBe(true);
    expect(byName.delete('red')).toBe(false);
    const seen: unknown[] = [];
    byName.forEach((room, name, map) => {
      seen.push([name, room.seats.length, map === byName]);
    });
    expect(seen).toEqual([
      ['blue', 0, true],
      ['green', 1, true],
    ]);
    expect(node.snapshot([])).toEqual({
      byName: new Map([
        ['blue', { seats: [] }],
        ['green', { seats: [3] }],
      ]),
      tags: new Set(['a', 'b']),
    });
    expect(base).toEqual(rooms());
    byName.clear();
    expect((node.snapshot([]) as Rooms).byName.size).toBe(0);
  });

  it('that was only read, or set to what it was, is the base itself', () => {
    const { node, base, draft } = draftOf(rooms());
    for (const room of draft.byName.values()) room.seats.find((seat) => seat > 0);
    const red = draft.byName.get('red');
    if (red) draft.byName.set('red', red);
    draft.byName.delete('gone');
    draft.tags.add('a');
    draft.tags.delete('gone');
    expect(node.written).toBe(false);
    expect(node.snapshot([])).toBe(base);
  });

  it('is seen when its handler changes its own one before the commit, and no longer after it', () => {
    const { node, draft } = draftOf<{ byName: Map<string, number>; tags: Set<string> }>({
      byName: new Map(),
      tags: new Set(),
    });
    const mine = { byName: new Map([['a', 1]]), tags: new Set(['a']) };
    Object.assign(draft, mine);
    expect([draft.byName.get('a'), draft.tags.size]).toEqual([1, 1]);
    mine.byName.set('b', 2);
    mine.tags.add('b');
    const first = node.snapshot([]);
    expect(first).toEqual({ byName: new Map(Object.entries({ a: 1, b: 2 })), tags: new Set('ab') });
    mine.byName.clear();
    mine.tags.clear();
    draft.byName.set('c', 3);
    draft.tags.add('c');
    expect(node.snapshot([])).toEqual({
      byName: new Map(Object.entries({ a: 1, b: 2, c: 3 })),
      tags: new Set('abc'),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['a key that is an object', new Map([[{}, 1]]), /State\.v: a Map key that is an object/],
    ['a reserved key', new Map([['__proto__', 1]]), /State\.v: a reserved key/],
    ['NaN as a key', new Map([[Number.NaN, 1]]), /State\.v: NaN/],
    ['a function in it', new Map([['f', [() => 1]]]), /State\.v\.f\[0\]: a function/],
    ['undefined in it', new Map([['u', undefined]]), /State\.v\.u: undefined/],
    ['a function in a Set', new Set([1, () => 1]), /State\.v\[1\]: a function/],
    ['a class that extends Map', new (class Extended extends Map {})(), /an instance of Extended/],
    ['a WeakMap', new WeakMap(), /an instance of WeakMap/],
  ])('is refused with %s, with the path', (_name, value, message) => {
    const { node, draft } = draftOf<{ v: unknown }>({ v: 0 });
    draft.v = value;
    expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(message);
  });

  it('refuses methods that it does not know, and what would find it empty', () => {
    const { draft } = draftOf(rooms());
    expect(() => structuredClone(draft.byName)).toThrow(/could not be cloned/);
    expect(() => Map.prototype.get.call(draft.byName, 'red')).toThrow(TypeError);
    expect(() => Object.assign(draft.byName, { extra: 1 })).toThrow(/without properties/);
    expect(Object.prototype.toString.call(draft.byName)).toBe('[object Map]');
    Object.defineProperty(Map.prototype, 'newer', { value: () => 1, configurable: true });
    try {
      expect(() => (draft.byName as never as { newer(): void }).newer()).toThrow(/got newer/);
    } finally {
      delete (Map.prototype as { newer?: unknown }).newer;
    }
  });
});

describe('a Set in a draft', () => {
  it('finds objects that were put in, and sees their changes', () => {
    const { node, draft } = draftOf(rooms());
    const mine = { name: 'm' };
    draft.tags.add(mine).add(mine).add(7n);
    expect(draft.tags.has(mine)).toBe(true);
    expect(draft.tags.size).toBe(4);
    mine.name = 'changed';
    expect(node.snapshot([])).toMatchObject({ tags: new Set(['a', 'b', { name: 'changed' }, 7n]) });
    const member = [...draft.tags].find((tag) => typeof tag === 'object') as { name: string };
    member.name = 'again';
    expect(draft.tags.has(member)).toBe(true);
    expect(node.snapshot([])).toMatchObject({ tags: new Set(['a', 'b', { name: 'again' }, 7n]) });
    expect(draft.tags.delete(member)).toBe(true);
    draft.tags.delete('a');
    expect([...(node.snapshot([]) as Rooms).tags]).toEqual(['b', 7n]);
  });
});

describe('a Map and a Set in a draft', () => {
  it('are iterated over as any other while they grow, also over a snapshot in between', () => {
    const { node, draft } = draftOf({ map: new Map([[1, 0]]), set: new Set([1]) });
    const seen: number[] = [];
    for (const [key] of draft.map) {
      seen.push(key);
      if (key < 4) draft.map.set(key + 1, 0);
      node.snapshot([]);
    }
    for (const member of draft.set) {
      seen.push(member);
      if (member < 4) draft.set.add(member + 1);
      node.snapshot([]);
    }
    expect(seen).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it('end their iterators with their scope', () => {
    const { scope, draft } = draftOf({
      map: new Map([
        [1, 0],
        [2, 0],
      ]),
      set: new Set([1, 2]),
    });
    const iterators = [
      draft.map.keys(),
      draft.map.values(),
      draft.map.entries(),
      draft.set.values(),
    ];
    for (const iterator of iterators) iterator.next();
    scope.release(() => new Error('released'));
    for (const iterator of iterators) expect(() => iterator.next()).toThrow('released');
  });

  it('print as what they hold', () => {
    const { draft } = draftOf(rooms());
    expect(inspect(draft.byName.get('red'))).toBe('{ seats: [ 1 ] }');
    expect(inspect(draft.tags)).toBe("Set(2) { 'a', 'b' }");
    expect(inspect(readOnly(settle(rooms(), []) as Rooms).tags)).toBe("Set(2) { 'a', 'b' }");
  });
});

describe('a Set in a draft, asked for a member of a snapshot', () => {
  it('finds and deletes it', () => {
    const { node, base, draft } = draftOf({ tags: new Set<unknown>(['a', { name: 'm' }]) });
    const member = [...readOnly(base).tags].find((tag) => typeof tag === 'object');
    expect(draft.tags.has(member)).toBe(true);
    draft.tags.add(member);
    expect(node.written).toBe(false);
    expect(draft.tags.delete(member)).toBe(true);
    expect(node.snapshot([])).toEqual({ tags: new Set(['a']) });
  });
});

describe('a Map or a Set in a snapshot', () => {
  const base = settle(rooms(), []) as Rooms;

  it('refuses every change, in itself and through a read-only view, to the deepest level', () => {
    for (const state of [base, readOnly(base)]) {
      expect(() => state.byName.set('x', { seats: [] })).toThrow(ImmutableStateError);
      expect(() => state.byName.delete('red')).toThrow(ImmutableStateError);
      expect(() => state.byName.clear()).toThrow(ImmutableStateError);
      expect(() => state.tags.add('x')).toThrow(ImmutableStateError);
      expect(() => state.tags.delete('a')).toThrow(ImmutableStateError);
      expect(() => state.tags.clear()).toThrow(ImmutableStateError);
    }
    const view = readOnly(base);
    expect(() => view.byName.get('red')?.seats.push(1)).toThrow(ImmutableStateError);
    for (const room of view.byName.values()) {
      expect(() => room.seats.push(1)).toThrow(ImmutableStateError);
    }
    expect(base).toEqual(rooms());
  });

  it('reads like any other', () => {
    const view = readOnly(base);
    expect(view).toEqual(rooms());
    expect(view.byName.get('red')).toBe(view.byName.get('red'));
    expect(new Map(view.byName).size).toBe(2);
    expect([...view.tags]).toEqual(['a', 'b']);
    expect(detached(base)).toEqual(rooms());
    expect(detached(base).byName).not.toBe(base.byName);
  });

  it('differs by the entries that changed; by all of it only if their order did', () => {
    const after = settle(rooms(), []) as Rooms;
    expect(diff(base, after)).toEqual([]);
    const { node, draft } = draftOf(base);
    draft.byName.get('blue')?.seats.push(8);
    draft.byName.set('new', { seats: [] });
    draft.byName.delete('red');
    draft.tags.add('c');
    expect(diff(base, node.snapshot([]))).toEqual([
      ['delete', ['byName', 'red']],
      ['splice', ['byName', 'blue', 'seats'], 1, 0, [8]],
      ['set', ['byName', 'new'], { seats: [] }],
      ['splice', ['tags'], 2, 0, ['c']],
    ]);
    const reordered = draftOf(base);
    const red = reordered.draft.byName.get('red');
    reordered.draft.byName.delete('red');
    if (red) reordered.draft.byName.set('red', red);
    const operations = diff(base, reordered.node.snapshot([]));
    expect(operations.map(([kind, path]) => [kind, path])).toEqual([['set', ['byName']]]);
    expect([...(apply(base, operations) as Rooms).byName.keys()]).toEqual(['blue', 'red']);
  });
});
