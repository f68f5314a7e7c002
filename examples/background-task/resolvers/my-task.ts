import { MyTask } from '../schema/my-task.ts';

export const toggleRunning = MyTask.event('toggleRunning').resolve((s) => {
  s.running = !s.running;
  return s.running && myTask;
});

export const clearCounter = MyTask.event('clearCounter').resolve((s) => {
  s.counter = 0;
});

export const myTask = MyTask.background('myTask', {
  // However the task ended, also by the end of its process, the next one may start.
  onExit: (s, { taskId }) => {
    if (s.loop !== taskId) return;
    s.loop = null;
    s.running = false;
  },
}).resolve(async (self) => {
  while (true) {
    const goOn = await self.modifyState((s) => {
      if (s.loop !== null && s.loop !== self.taskId) return false; // another loop runs
      s.loop = self.taskId;
      if (s.counter >= s.maxCounter) s.running = false;
      if (!s.running) {
        s.loop = null;
        return false;
      }
      s.counter += 1;
      return true;
    });
    if (!goOn) return;
    await self.sleep(500); // no lock is held here
  }
});
