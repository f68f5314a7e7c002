import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { builder } from '../builder.ts';
import { BoardEventResult, boardStore } from '../schema/board.ts';
import { Filter } from '../schema/card.ts';
import { TaskObject } from '../schema/common.ts';
import { eventResult, startTask, type Task } from '../tasks.ts';

builder.mutationField('boardRename', (t) =>
  t.field({
    type: BoardEventResult,
    nullable: false,
    args: {
      token: t.arg.id({ required: true }),
      title: t.arg.string({ required: true }),
      note: t.arg.string(),
    },
    resolve: async (_root, { token, title, note }) => {
      return eventResult(await rename(token, title, note));
    },
  }),
);

builder.mutationField('boardAdd', (t) =>
  t.field({
    type: BoardEventResult,
    nullable: false,
    args: {
      token: t.arg.id({ required: true }),
      titles: t.arg.stringList({ required: true }),
      done: t.arg.boolean(),
    },
    resolve: async (_root, { token, titles, done }) => {
      const state = await boardStore.modify(token, (board) => {
        for (const title of titles) {
          board.cards.push({ id: randomUUID(), title, done: done ?? false });
        }
      });
      void rename(token, `${state.cards.length} cards`);
      return eventResult(state);
    },
  }),
);

builder.mutationField('boardStart', (t) =>
  t.field({
    type: BoardEventResult,
    nullable: false,
    args: {
      token: t.arg.id({ required: true }),
      filter: t.arg({ type: Filter, required: true }),
    },
    resolve: async (_root, { token, filter }) => {
      const state = await boardStore.modify(token, (board) => {
        board.filter = filter;
        board.running = true;
      });
      return eventResult(state, startTask(token, 'Board.run', run));
    },
  }),
);

builder.mutationField('boardRun', (t) =>
  t.field({
    type: TaskObject,
    nullable: false,
    args: { token: t.arg.id({ required: true }) },
    resolve: (_root, { token }) => startTask(token, 'Board.run', run),
  }),
);

function rename(token: string, title: string, note?: string | null) {
  return boardStore.modify(token, (board) => {
    board.title = title;
    board.note = note ?? null;
  });
}

async function run({ id, token, controller: { signal } }: Task): Promise<void> {
  while (true) {
    const { running } = await boardStore.modify(token, (board) => {
      signal.throwIfAborted();
      board.attempts += 1;
      board.lastRun = id;
      board.running = board.running && board.count < board.cards.length;
      if (board.running) board.count += 1;
    });
    if (!running) return;
    await sleep(500, undefined, { signal });
  }
}
