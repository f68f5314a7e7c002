import { MyLimitedTask } from '../schema/my-limited-task.ts';

export const toggleRunning = MyLimitedTask.event('toggleRunning').resolve((s) => {
  s.running = !s.running;
  return s.running && myTask;
});

export const clearCounter = MyLimitedTask.event('clearCounter').resolve((s) => {
  s.counter = 0;
});

/**
 * `MyTask.myTask` without its guard. There, a second task finds by a backend var that
 * another one is the loop, and ends at once. Here, it does not begin: it waits until
 * the first has ended, and then finds that there is nothing to run for.
 */
export const myTask = MyLimitedTask.background('myTask', {
  concurrency: { limit: 1 },
  // Cancelled, also while it waited, or with its process gone: as if it was stopped.
  onExit: (s, { outcome }) => {
    if (outcome !== 'SUCCEEDED') s.running = false;
  },
}).resolve(async (self) => {
  while (true) {
    const goOn = await self.modifyState((s) => {
      if (s.counter >= s.maxCounter) s.running = false;
      if (s.running) s.counter += 1;
      return s.running;
    });
    if (!goOn) return;
    await self.sleep(500); // no lock is held here
  }
});
