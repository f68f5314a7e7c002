import type { App, TokenKey } from 'statewire';
import { turn } from '../../src/time/turn.ts';
import type { LabBuilder, LabContext } from '../support/lab.ts';
import { type Host, type LockSource, perform, performAll, takeLock } from './perform.ts';
import type { LockProgram } from './script.ts';
import { unbegun } from './token-oracle.ts';

/** A state whose lines tell what was committed, and an event and a task that run programs on it. */
export function defineTrace(builder: LabBuilder, host: Host) {
  const Trace = builder.state('Trace', {
    vars: (t) => ({ n: t.int({ default: 0 }), lines: t.stringList({ default: [] }) }),
    backend: () => ({ hidden: 0 }),
    computed: (t) => ({ even: t.boolean({ resolve: (s) => s.hidden % 2 === 0 }) }),
  });

  const event = Trace.event('run', {
    args: (t) => ({ label: t.string({ required: true }) }),
  }).resolve(async function* (s, { label }) {
    const { steps, returns } = host.eventProgram(label);
    // What is asked for at the same time has asked when this commits, however many promises that takes.
    await turn();
    yield* perform(host, s, steps, label);
    return returns.map((what, index) => host.bind(what, `${label}.r${index}`));
  });

  const task = Trace.background('work', {
    args: (t) => ({ label: t.string({ required: true }) }),
    onExit: async (s, { taskId, outcome }) => {
      const known = host.exitProgram(s.token, taskId);
      s.lines.push(`${known?.[0] ?? unbegun}.exit ${outcome}`);
      if (!known) return;
      const [label, { onExit }] = known;
      await performAll(s, perform(host, s, onExit, `${label}.exit`));
    },
  }).resolve(async function* (self, { label }) {
    const { parts, returns } = host.taskProgram(self.token, self.taskId, label);
    const gate = (at: string) => host.gate(self.token, `${at} sees ${self.version}/${self.hidden}`);
    await gate(`${label} started`);
    for (const [index, part] of parts.entries()) {
      const at = `${label}.${index}`;
      if (part.do === 'fail') throw new Error(at);
      if (part.do === 'locks') {
        const ended = await Promise.allSettled(
          part.locks.map((lock, place) => takeLock(host, self, lock, `${at}.${place}`)),
        );
        await gate(`${at} done`);
        const failed = ended.find(({ status }) => status === 'rejected');
        if (failed?.status === 'rejected' && !part.caught) throw failed.reason;
      } else {
        const bound = host.bind(part.what, at);
        if (part.do === 'yield') yield bound;
        else self.trigger(bound);
        await gate(`${at} done`);
      }
    }
    return returns.map((what, index) => host.bind(what, `${label}.r${index}`));
  });

  return {
    event,
    task,
    /** Takes the lock from outside and runs the program in it. */
    lock(app: App<LabContext>, key: TokenKey, what: LockProgram, label: string): Promise<void> {
      const source: LockSource = {
        modifyState: (handler) => app.modifyState(Trace, key, handler),
        modify: () => app.modify(Trace, key),
      };
      return takeLock(host, source, what, label);
    },
  };
}
