import { randomBytes } from 'node:crypto';
import {
  ConflictError,
  LeaseLostError,
  ShuttingDownError,
  StoreOutcomeError,
  SupersededError,
  TaskCancelledError,
  TaskLostError,
} from '../../errors/index.ts';
import { type Position, positionOf } from '../../state/snapshot.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { CatchUp, Commit } from '../state-store.ts';
import { Turns } from '../turns.ts';
import { Watchers } from '../watchers.ts';
import { type CommitSettings, commitCommand } from './commit-command.ts';
import { durableIds, holdStarts, nodeTasks, type StartsHost } from './hold-starts.ts';
import { type TokenKeys, tokenKeys } from './keys.ts';
import { LeaseRequest } from './lease-request.ts';
import { entryText } from './log-entry.ts';
import { readCatchUp } from './log-reader.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isOutcomeUnknown } from './redis-errors.ts';
import { commitAnswer, commitScript, wanted } from './scripts/commit.ts';
import { renewScript } from './scripts/lease.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { isCancelledOf } from './task-text.ts';

/** What a token needs of the store. */
export interface TokenHost extends StartsHost {
  readonly prefix: string;
  readonly redis: RedisConnection;
  readonly leaseMs: number;
  /** How long tokens are kept, in ms, as scripts take it: nothing for ever. */
  readonly ttl: number | '';
  /** Whether the token has not expired meanwhile. */
  isKept(key: TokenKey): boolean;
  /** How this node's own channels end. */
  readonly listener: string;
  /** Whether this node may have tasks of it on record, or runs durable ones. */
  holds(key: TokenKey): boolean;
  /** To be called when durable tasks are on record no more. */
  forget(key: TokenKey, ids: readonly string[]): void;
}

/** The lease of a token, as this node knows it. */
interface HeldLease {
  readonly id: string;
  /** The newest commit; nobody else can add to it. */
  position: Position;
  /** How long the log is, with all that was dropped from it. */
  logBytes: number;
  /** When it was last asked for or renewed, on this process's own clock. */
  renewedAt: number;
  /** Redis may have another history by now, so it has to be asked for again. */
  isDoubtful: boolean;
  /** Somebody on another node waits for it. */
  isWanted: boolean;
  /** Whether the commit before it was this node's too: then it is kept for the next. */
  isKept: boolean;
  /** Set while it is in use. */
  onLost: (() => void) | null;
}

/** How much of a lease's time may pass before this node asks again whether it has it. */
const freshPart = 0.75;

/** How much of it may pass before a commit renews it. */
const renewedPart = 0.25;

/** What a copy is missing that is up to date. */
const nothing: CatchUp = { snapshot: null, entries: [] };

/**
 * A token on this node: its lease, which is kept between uses while nobody else
 * wants it, and what is written under it.
 */
export class OpenToken {
  readonly key: TokenKey;
  readonly keys: TokenKeys;
  readonly watchers = new Watchers();
  readonly #host: TokenHost;
  /** Who on this node wants the lease. */
  readonly #turns = new Turns();
  readonly #requests: LeaseRequest;
  readonly #snapshots: SnapshotWriter;
  #lease: HeldLease | null = null;
  /** The id of this node's latest commit, from when it is sent. */
  #ownId = '';
  #isCommitting = false;
  /** Whether others have committed meanwhile. */
  #hasMissed = false;
  #closed = false;

  constructor(key: TokenKey, host: TokenHost) {
    this.key = key;
    this.keys = tokenKeys(host.prefix, key);
    this.#host = host;
    this.#requests = new LeaseRequest(host.redis, this.keys, host.leaseMs);
    this.#snapshots = new SnapshotWriter(host.redis, this.keys);
  }

  get isUnused(): boolean {
    return this.watchers.size === 0 && !this.#turns.isTaken && !this.#lease;
  }

  /** Tells who watches that there may be something new of every kind. */
  ring(): void {
    this.#ringCommit();
    this.watchers.onTasks();
    // What cannot be read now is read when Redis is back, which rings too.
    this.#tellOfCancelled().catch(() => {});
  }

  async read(known: Position): Promise<CatchUp> {
    // What is committed after this answer must ring.
    await this.#host.heard(this.keys.channel);
    return this.#read(known);
  }

  /** Waits for the lease. The returned function lets go of it. */
  async acquire(
    known: Position,
    onLost: () => void,
  ): Promise<{
    readonly catchUp: CatchUp;
    readonly lease: string;
    release(): void | Promise<void>;
  }> {
    const turn = this.#turns.take();
    if (turn) await turn;
    try {
      if (this.#closed) throw new ShuttingDownError();
      const lease = this.#kept(known) ?? (await this.#ask());
      lease.onLost = onLost;
      const catchUp = lease.position.id === known.id ? nothing : await this.#read(known);
      return { catchUp, lease: lease.id, release: () => this.#release(lease) };
    } catch (error) {
      if (this.#lease) await this.#giveBack(this.#lease);
      this.#turns.leave();
      throw error;
    }
  }

  /** See {@link Lease.commit}. */
  async commit(leaseId: string, commit: Commit): Promise<void> {
    const lease = this.#lease;
    if (lease?.id !== leaseId) throw new LeaseLostError();
    const { entry, after } = commit;
    const text = entryText(entry, lease.logBytes);
    const total = lease.logBytes + text.length;
    const sentAt = performance.now();
    this.#ownId = entry.id;
    // In the same step, if somebody waits or nothing is won by keeping it.
    const letsGo = commit.isLast && (lease.isWanted || !lease.isKept);
    const renews = letsGo || sentAt - lease.renewedAt > this.#host.leaseMs * renewedPart;
    const { leaseMs, node, listener, ttl } = this.#host;
    const settings = { lease: leaseId, leaseMs, node, listener, ttl, text, total, renews, letsGo };
    const { started, ended } = commit.tasks;
    const hasTasks = started.length + ended.length > 0;
    const answer = await (hasTasks
      ? this.#sendTasks(commit, settings)
      : this.#sendCommit(commit, settings));
    switch (answer) {
      case commitAnswer.stored:
      case commitAnswer.storedAndLong:
        break;
      case commitAnswer.conflict:
        lease.isDoubtful = true;
        throw new ConflictError();
      case commitAnswer.taskLost:
        throw new TaskLostError();
      case commitAnswer.taskCancelled:
        throw new TaskCancelledError();
      case commitAnswer.superseded:
        throw new SupersededError();
      case commitAnswer.leaseLost:
        this.#dropLease();
        throw new LeaseLostError();
    }
    lease.position = positionOf(after);
    lease.logBytes = total;
    if (renews) lease.renewedAt = sentAt;
    if (letsGo) this.#lease = null;
    this.#snapshots.note(after, text.length, answer === commitAnswer.storedAndLong);
    this.#ringCommit();
  }

  /** What was published about the token. */
  onMessage(message: string): void {
    const end = message.indexOf(' ');
    const what = end < 0 ? message : message.slice(0, end);
    const id = message.slice(what.length + 1);
    if (what === 'commit' && id !== this.#ownId) this.#ringCommit();
    if (what === 'tasks' || what === 'cancel') this.watchers.onTasks();
    if (what === 'cancel') this.watchers.onCancel(id);
    if (what === 'wanted' && this.#lease?.id === id) this.#onWanted(this.#lease);
    if (what === 'granted') this.#requests.onGranted(id);
  }

  /** Called now and then: renews a lease in use; one that is kept lapses. */
  async tick(): Promise<void> {
    const lease = this.#lease;
    if (!lease) return;
    if (!lease.onLost) {
      if (!this.#isFresh(lease) && !this.#turns.isTaken) this.#lease = null;
      return;
    }
    const sentAt = performance.now();
    const { redis, leaseMs } = this.#host;
    const isOurs = await redis.run(renewScript, [this.keys.head], [lease.id, leaseMs]);
    if (isOurs === 1) lease.renewedAt = sentAt;
    else if (this.#lease === lease) this.#dropLease();
  }

  /** Whatever this node believed of its lease has to be asked again. */
  doubt(): void {
    if (this.#lease) this.#lease.isDoubtful = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#requests.close();
    const lease = this.#lease;
    if (lease && !lease.onLost) await this.#giveBack(lease);
  }

  /** The lease of an earlier use, if it is as good as one that was asked for now. */
  #kept(known: Position): HeldLease | null {
    const lease = this.#lease;
    // Who knows something else has it from Redis, and later.
    const isGood = lease && !lease.isWanted && !lease.isDoubtful && lease.position.id === known.id;
    return isGood && this.#isFresh(lease) ? lease : null;
  }

  async #ask(): Promise<HeldLease> {
    if (this.#lease?.isWanted) await this.#giveBack(this.#lease);
    const id = this.#lease?.id ?? randomBytes(12).toString('base64url');
    const { position, logBytes, sentAt } = await this.#requests.send(id);
    const isKept = position.version === 0 || position.id === this.#ownId;
    this.#lease = {
      ...{ id, position, logBytes, renewedAt: sentAt },
      ...{ isDoubtful: false, isWanted: false, isKept, onLost: null },
    };
    return this.#lease;
  }

  #read(known: Position): Promise<CatchUp> {
    const listens = this.watchers.size > 0;
    return readCatchUp(this.#host.redis, this.keys, { known, listens });
  }

  /** Counts the tasks that this node has on record, as the commit says what becomes of them. */
  #sendTasks(commit: Commit, settings: CommitSettings): Promise<number> {
    const { key, keys } = this;
    const { started } = commit.tasks;
    const ended = commit.tasks.ended.map(({ record }) => record);
    const starts = { key, channel: keys.channel, started };
    return holdStarts(this.#host, starts, async (node) => {
      const answer = await this.#sendCommit(commit, { ...settings, node });
      const isStored = answer === commitAnswer.stored || answer === commitAnswer.storedAndLong;
      const gone = isStored ? ended : started;
      const off = nodeTasks(gone).length;
      if (off > 0) this.#host.letGo(key, off, node);
      this.#host.forget(key, durableIds(gone));
      return answer;
    });
  }

  /** Resolves to what the script answers, and throws if nobody can tell. */
  async #sendCommit(commit: Commit, settings: CommitSettings): Promise<number> {
    const { keys, args } = commitCommand(this.keys, commit, settings);
    this.#isCommitting = true;
    try {
      const answered = (await this.#host.redis.run(commitScript, keys, args)) as number;
      if (answered >= wanted && this.#lease) this.#lease.isWanted = true;
      const answer = answered % wanted;
      if (answer === commitAnswer.unknown) throw new StoreOutcomeError();
      return answer;
    } catch (error) {
      const isUnknown = isOutcomeUnknown(error);
      if (!isUnknown && !(error instanceof StoreOutcomeError)) throw error;
      this.#dropLease();
      // Its message is news, should it come.
      this.#ownId = '';
      throw isUnknown ? new StoreOutcomeError({ cause: error.cause }) : error;
    } finally {
      this.#isCommitting = false;
      if (this.#hasMissed) setImmediate(() => this.#ringCommit());
      this.#hasMissed = false;
    }
  }

  /**
   * Not while a commit of this node is under way: whoever waits for its answer counts
   * every ring as their own.
   */
  #ringCommit(): void {
    if (this.#isCommitting) this.#hasMissed = true;
    else this.watchers.onCommit();
  }

  /** Of this node's tasks, and durable ones, that are cancelled: nobody may have heard of it. */
  async #tellOfCancelled(): Promise<void> {
    const { redis, node } = this.#host;
    if (this.watchers.size === 0 || !this.#host.holds(this.key)) return;
    const tasks = await redis.send((client) => client.hgetall(this.keys.tasks));
    for (const [id, text] of Object.entries(tasks)) {
      if (isCancelledOf(text, node)) this.watchers.onCancel(id);
    }
  }

  #onWanted(lease: HeldLease): void {
    lease.isWanted = true;
    if (!this.#turns.isTaken) void this.#giveBack(lease);
  }

  #release(lease: HeldLease): void | Promise<void> {
    lease.onLost = null;
    const isKept = lease.isKept && !lease.isWanted && !this.#closed;
    if (this.#lease !== lease || isKept) {
      this.#turns.leave();
      return;
    }
    return this.#giveBack(lease).then(() => this.#turns.leave());
  }

  async #giveBack(lease: HeldLease): Promise<void> {
    if (this.#lease === lease) this.#lease = null;
    await this.#requests.giveBack(lease.id);
  }

  #dropLease(): void {
    const lease = this.#lease;
    this.#lease = null;
    const onLost = lease?.onLost;
    if (lease) lease.onLost = null;
    onLost?.();
  }

  #isFresh({ renewedAt }: HeldLease): boolean {
    const { leaseMs } = this.#host;
    return performance.now() - renewedAt < leaseMs * freshPart && this.#host.isKept(this.key);
  }
}
