import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import type { CatchUp, Entry } from '../state-store.ts';
import type { StoredTask, TaskMemory } from '../stored-task.ts';
import { Turns } from '../turns.ts';
import { Watchers } from '../watchers.ts';

/** How many entries a token's log keeps for copies and cursors that fell behind. */
const maxLogEntries = 256;

const noTasks: ReadonlyMap<string, StoredTask> = new Map();
const noMemories: ReadonlyMap<string, TaskMemory> = new Map();

const nothingNew: CatchUp = Object.freeze({ snapshot: null, entries: Object.freeze([]) });

/** What a token has in memory. Many are only watched: what these do not have is made for the first that does. */
export class StoredToken {
  readonly lease = new Turns();
  readonly watchers = new Watchers();
  #snapshot = emptySnapshot;
  #log: Entry[] | null = null;
  #tasks: Map<string, StoredTask> | null = null;
  #memories: Map<string, TaskMemory> | null = null;

  get snapshot(): TokenSnapshot {
    return this.#snapshot;
  }

  /** The tasks on record, by their ids. */
  get tasks(): ReadonlyMap<string, StoredTask> {
    return this.#tasks ?? noTasks;
  }

  /** Of the durable ones. */
  get memories(): ReadonlyMap<string, TaskMemory> {
    return this.#memories ?? noMemories;
  }

  append(entry: Entry, after: TokenSnapshot): void {
    this.#snapshot = after;
    this.#log ??= [];
    this.#log.push(entry);
    if (this.#log.length > maxLogEntries) this.#log.shift();
  }

  put(task: StoredTask): void {
    this.#tasks ??= new Map();
    this.#tasks.set(task.record.id, task);
  }

  remember(memory: TaskMemory): void {
    this.#memories ??= new Map();
    this.#memories.set(memory.id, memory);
  }

  remove(taskId: string): void {
    this.#tasks?.delete(taskId);
    this.#memories?.delete(taskId);
  }

  /** It goes on as one that was never written, with those who watch it. */
  clear(): void {
    this.#snapshot = emptySnapshot;
    this.#log = null;
    this.#tasks = null;
  }

  /** What is new to a copy that has come up to `known`. */
  since(known: Position): CatchUp {
    const snapshot = this.#snapshot;
    if (known.id === snapshot.id) return nothingNew;
    const log = this.#log ?? [];
    const next = log.findIndex((entry) => entry.previousId === known.id);
    return next < 0 ? { snapshot, entries: [] } : { snapshot: null, entries: log.slice(next) };
  }
}
