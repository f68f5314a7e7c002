import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import type { GraphQLSchema } from 'graphql';
import { statewire } from 'statewire';
import { DiffPayload } from '../../../resolvers/diff-payload.ts';
import { statePayload } from '../../../resolvers/state-payload.ts';
import { tokenDiffPayload } from '../../../resolvers/token-diff-payload.ts';
import { definitionsExtension } from '../../../schema/registry.ts';
import type { StateDefinition } from '../../../src/state/definitions.ts';
import type { StateSnapshot } from '../../../src/state/snapshot.ts';
import type { StateDiff } from '../../../src/stream/token-cursor.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { settle } from '../../../src/values/settle.ts';
import { ScopeAuthPlugin, scopeAuth, staffOnly } from './scope-auth.ts';

export interface Card {
  readonly id: string;
  /** Null is an error of its field. */
  readonly title: string;
  readonly points: number;
  readonly tags: readonly string[];
  readonly due: Date | null;
  readonly owner: { readonly name: string } | null;
}

export interface Column {
  readonly name: string;
  readonly cards: readonly Card[];
  readonly grid: readonly (readonly number[])[];
}

export interface BoardValues {
  readonly title: string;
  readonly count: number;
  readonly mood: 'HAPPY' | 'SAD' | null;
  readonly columns: readonly Column[];
  readonly cards: readonly Card[];
  readonly owner: { readonly name: string } | null;
}

interface BoardContext {
  readonly staff: boolean;
}

class BoardError extends Error {}

/** States with lists of lists, one of them guarded, and what a user adds to their types. */
function boardSchema(): GraphQLSchema {
  const builder = new SchemaBuilder<{
    Context: BoardContext;
    Scalars: { Day: { Input: Date; Output: Date } };
  }>({
    plugins: [statewire(), ErrorsPlugin, ScopeAuthPlugin],
    ...scopeAuth,
  });
  builder.scalarType('Day', { serialize: (value) => day(value as Date) });
  const Mood = builder.enumType('Mood', { values: ['HAPPY', 'SAD'] as const });
  const Word = builder.enumType('Word', { values: ['RED', 'GREEN'] as const });
  const Filter = builder.inputType('Filter', {
    fields: (t) => ({ least: t.int(), words: t.field({ type: [Word] }) }),
  });
  const Owner = builder
    .objectRef<{ readonly name: string }>('Owner')
    .implement({ fields: (t) => ({ name: t.exposeString('name') }) });
  const CardRef = builder.objectRef<Card>('Card');
  CardRef.implement({
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      title: t.exposeString('title', { nullable: false }),
      label: t.exposeString('title', { nullable: true }),
      points: t.exposeInt('points', { nullable: true }),
      tags: t.exposeStringList('tags', { nullable: false }),
      due: t.expose('due', { type: 'Day', nullable: true }),
      owner: t.expose('owner', { type: Owner, nullable: true }),
    }),
  });
  const ColumnRef = builder.objectRef<Column>('Column').implement({
    fields: (t) => ({
      name: t.exposeString('name'),
      cards: t.expose('cards', { type: [CardRef], nullable: { list: false, items: true } }),
      grid: t.expose('grid' as never, { type: t.listRef(t.listRef('Int')) as never }),
      secret: t.exposeString('name', { ...staffOnly }),
      titles: t.stringList({
        args: { least: t.arg.int({ defaultValue: 1 }), filter: t.arg({ type: Filter }) },
        resolve: ({ cards }, { least }) =>
          cards.filter(({ points }) => points >= (least ?? 0)).map(({ title }) => `${title}`),
      }),
      late: t.field({
        type: [CardRef],
        args: { words: t.arg({ type: [Word] }) },
        resolve: async ({ cards }) => cards as Card[],
      }),
      weird: t.field({
        type: [CardRef],
        resolve: ({ cards }) =>
          (function* () {
            yield* cards;
          })() as never,
      }),
    }),
  });
  const Board = builder.state('Board', {
    vars: (t) => ({
      title: t.string({ default: '' }),
      count: t.int({ default: 0 }),
      mood: t.field({ type: Mood, nullable: true }),
      columns: t.field({ type: [ColumnRef], default: [] }),
      cards: t.field({ type: [CardRef], default: [] }),
      owner: t.field({ type: Owner, nullable: true }),
    }),
    computed: (t) => ({
      total: t.int({ resolve: () => 0 }),
      broken: t.int({ nullable: true, resolve: () => 0 }),
      best: t.field({ type: CardRef, nullable: true, resolve: () => null }),
    }),
  });
  builder.state('Guarded', {
    ...staffOnly,
    vars: (t) => ({
      cards: t.field({ type: [CardRef], default: [] }),
      columns: t.field({ type: [ColumnRef], default: [], ...staffOnly }),
      title: t.string({ default: '' }),
    }),
  });
  builder.state('Checked', {
    // For the object, by `isTypeOf`, and for none of its fields.
    ...{ ...staffOnly, runScopesOnType: true },
    vars: (t) => ({
      cards: t.field({ type: [CardRef], default: [] }),
      count: t.int({ default: 0 }),
      mood: t.field({ type: Mood, nullable: true }),
      title: t.string({ default: '' }),
    }),
  });
  builder.objectType(BoardError, {
    name: 'BoardError',
    fields: (t) => ({ message: t.exposeString('message') }),
  });
  builder.objectField(Board, 'first', (t) =>
    t.field({
      type: CardRef,
      nullable: true,
      errors: { types: [BoardError] },
      args: { word: t.arg({ type: Word, defaultValue: 'RED' }) },
      resolve: (state) => {
        const [card] = (state as unknown as BoardValues).cards;
        if (!card) throw new BoardError('There is none.');
        return card;
      },
    }),
  );
  return builder.toSchema();
}

function day(value: Date): string {
  if (value.getTime() === 13) throw new TypeError('No such day.');
  return value.toISOString();
}

const key = hashToken('T');

/** What the subscribers of a state get. */
export class Boards {
  readonly schema = boardSchema();
  #version = 0;

  /** A diff from one version of the values to the next, as the engine makes it: with shared parts. */
  diff(values: BoardValues, { state = 'Board', changed = ['cards', 'columns'] } = {}): DiffPayload {
    return new DiffPayload(this.#stateDiff(values, state, changed));
  }

  tokenDiff(values: BoardValues) {
    const diffs = [
      this.#stateDiff(values, 'Board', ['title']),
      this.#stateDiff(values, 'Guarded', ['cards']),
      this.#stateDiff(values, 'Checked', ['cards']),
    ];
    return tokenDiffPayload(diffs);
  }

  state(values: BoardValues, state = 'Board') {
    return statePayload(key, this.#definition(state), this.#snapshot(values));
  }

  #stateDiff(values: BoardValues, state: string, changed: readonly string[]): StateDiff {
    const snapshot = this.#snapshot(values);
    return {
      key,
      definition: this.#definition(state),
      state: snapshot,
      since: snapshot.version - 1,
      position: { version: snapshot.version, id: 'id', firstId: 'first', generation: 0 } as never,
      reset: false,
      changed,
    };
  }

  #snapshot(values: BoardValues): StateSnapshot {
    this.#version += 1;
    const { cards, count } = values;
    const best = cards.at(-1) ?? null;
    return {
      version: this.#version,
      loaded: true,
      values: settle(values, []) as StateSnapshot['values'],
      computed: {
        total: { value: cards.length, failed: false, reads: null },
        broken: { value: null, failed: count % 3 === 2, reads: null },
        best: { value: settle(best, []), failed: false, reads: null },
      },
    };
  }

  #definition(name: string): StateDefinition {
    const all = this.schema.extensions[definitionsExtension] as ReadonlyMap<
      string,
      StateDefinition
    >;
    return all.get(name) as StateDefinition;
  }
}
