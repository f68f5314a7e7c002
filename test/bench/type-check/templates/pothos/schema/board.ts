import { builder } from '../builder.ts';
import { type Diff, Store, type StoredState } from '../store.ts';
import type { EventResult } from '../tasks.ts';
import { Card, type CardShape, Filter } from './card.ts';
import { StateDiffInterface, StateInterface, TaskObject } from './common.ts';

interface BoardState extends StoredState {
  title: string;
  count: number;
  running: boolean;
  filter: typeof Filter.$inferType;
  cards: CardShape[];
  note: string | null;
  open: number;
  attempts: number;
  lastRun: string | null;
}

type BoardVarName = 'title' | 'count' | 'running' | 'filter' | 'cards' | 'note' | 'open';
type BoardDiffShape = Diff<BoardState, BoardVarName>;

export const boardStore = new Store<BoardState, BoardVarName>({
  typename: 'Board',
  vars: ['title', 'count', 'running', 'filter', 'cards', 'note', 'open'],
  initial: () => ({
    title: '',
    count: 0,
    running: false,
    filter: 'ALL',
    cards: [],
    note: null,
    open: 0,
    attempts: 0,
    lastRun: null,
  }),
  derive: (state) => {
    state.open = state.cards.filter((card) => !card.done).length;
  },
});

const Board = builder.objectRef<BoardState>('Board').implement({
  description: 'A board of cards.',
  interfaces: [StateInterface],
  fields: (t) => ({
    title: t.exposeString('title', { nullable: false }),
    count: t.exposeInt('count', { nullable: false }),
    running: t.exposeBoolean('running', { nullable: false }),
    filter: t.expose('filter', { type: Filter, nullable: false }),
    cards: t.expose('cards', { type: [Card], nullable: false }),
    note: t.exposeString('note', { nullable: true }),
    open: t.exposeInt('open', { nullable: false }),
  }),
});

const BoardVar = builder.enumType('BoardVar', {
  description: 'The vars of Board.',
  values: {
    TITLE: { value: 'title' },
    COUNT: { value: 'count' },
    RUNNING: { value: 'running' },
    FILTER: { value: 'filter' },
    CARDS: { value: 'cards' },
    NOTE: { value: 'note' },
    OPEN: { value: 'open' },
  },
});

const BoardDelta = builder.objectRef<BoardDiffShape['delta']>('BoardDelta').implement({
  description: 'The vars of Board that changed; the others are null.',
  fields: (t) => ({
    title: t.exposeString('title', { nullable: true }),
    count: t.exposeInt('count', { nullable: true }),
    running: t.exposeBoolean('running', { nullable: true }),
    filter: t.expose('filter', { type: Filter, nullable: true }),
    cards: t.expose('cards', { type: [Card], nullable: true }),
    note: t.exposeString('note', { nullable: true }),
    open: t.exposeInt('open', { nullable: true }),
  }),
});

const BoardDiff = builder.objectRef<BoardDiffShape>('BoardDiff').implement({
  description: 'A change of Board, as its subscribers get it.',
  interfaces: [StateDiffInterface],
  fields: (t) => ({
    state: t.expose('state', {
      type: Board,
      nullable: false,
      description: 'The whole state after the change; normalised caches merge it by themselves.',
    }),
    cursor: t.exposeString('cursor', {
      nullable: false,
      description: 'Opaque. Pass it as `since` to go on from here, on any node.',
    }),
    changed: t.expose('changed', {
      type: [BoardVar],
      nullable: false,
      description: 'The vars that changed, whatever is selected.',
    }),
    delta: t.expose('delta', { type: BoardDelta, nullable: false }),
  }),
});

export const BoardEventResult = builder
  .objectRef<EventResult<BoardState>>('BoardEventResult')
  .implement({
    description: 'What an event of Board left behind.',
    fields: (t) => ({
      version: t.exposeFloat('version', {
        nullable: false,
        description: "The state's version after the event: wait for it in a subscription.",
      }),
      state: t.expose('state', { type: Board, nullable: false }),
      tasks: t.expose('tasks', {
        type: [TaskObject],
        nullable: false,
        description: 'The tasks that the event started.',
      }),
    }),
  });

builder.queryField('board', (t) =>
  t.field({
    type: Board,
    nullable: false,
    args: { token: t.arg.id({ required: true }) },
    resolve: (_root, { token }) => boardStore.read(token),
  }),
);

builder.subscriptionField('board', (t) =>
  t.field({
    type: BoardDiff,
    nullable: false,
    args: {
      token: t.arg.id({ required: true }),
      since: t.arg.string({
        description: 'The cursor of the last diff you have; without it you get a snapshot.',
      }),
    },
    subscribe: (_root, { token, since }) => boardStore.subscribe(token, since),
    resolve: (diff) => diff,
  }),
);
