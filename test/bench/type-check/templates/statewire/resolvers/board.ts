import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Board } from '../schema/board.ts';
import { Filter } from '../schema/card.ts';

export const rename = Board.event('rename', {
  args: (t) => ({ title: t.string({ required: true }), note: t.string() }),
}).resolve((s, { title, note }) => {
  s.title = title;
  s.note = note ?? null;
});

export const add = Board.event('add', {
  args: (t) => ({ titles: t.stringList({ required: true }), done: t.boolean() }),
}).resolve((s, { titles, done }) => {
  for (const title of titles) {
    s.cards.push({ id: randomUUID(), title, done: done ?? false });
  }
  s.trigger(rename.with({ title: `${s.cards.length} cards` }));
});

export const start = Board.event('start', {
  args: (t) => ({ filter: t.field({ type: Filter, required: true }) }),
}).resolve((s, { filter }) => {
  s.filter = filter;
  s.running = true;
  return run;
});

export const run = Board.background('run').resolve(async (self) => {
  while (true) {
    const goOn = await self.modifyState((s) => {
      s.attempts += 1;
      s.lastRun = self.taskId;
      s.running = s.running && s.count < s.cards.length;
      if (s.running) s.count += 1;
      return s.running;
    });
    if (!goOn) return;
    await sleep(500, undefined, { signal: self.signal });
  }
});
