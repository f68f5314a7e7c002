import { createSetView, type SetSource } from '../collections/set-view.ts';
import { isContainer, isObject, type Path } from '../plain.ts';
import { peel } from '../read-only.ts';
import { isSettled, settleSet } from '../settle.ts';
import { DraftNode, nodeOf } from './draft-node.ts';
import type { DraftOwner, DraftScope } from './draft-scope.ts';

/** The draft of a Set. Members with parts are drafts from the start, so that they can be found. */
export class SetDraft extends DraftNode implements SetSource {
  readonly proxy: object;
  /** Drafts of settled members, by what they were made of. */
  readonly #drafts = new Map<object, object>();
  #members: Set<unknown>;
  #isOwn: boolean;

  constructor(scope: DraftScope, base: Set<unknown>, owner: DraftOwner | null) {
    super(scope, base, owner);
    // A Set that the handler made itself is its own copy until the commit.
    this.#isOwn = !isSettled(base);
    this.#members = this.#isOwn ? base : this.#membersOf(base);
    this.proxy = createSetView(this);
    this.register(this.proxy);
  }

  current(): ReadonlySet<unknown> {
    this.scope.assertReadable();
    return this.#members;
  }

  member(value: unknown): unknown {
    const plain = peel(value);
    return (isObject(plain) && this.#drafts.get(plain)) || plain;
  }

  add(value: unknown): void {
    this.scope.assertWritable();
    const member = this.#asMember(peel(value));
    if (this.#members.has(member)) return;
    this.markDirty();
    this.#members.add(member);
  }

  delete(value: unknown): boolean {
    this.scope.assertWritable();
    const member = this.member(value);
    if (!this.#members.has(member)) return false;
    this.markDirty();
    return this.#members.delete(member);
  }

  clear(): void {
    this.scope.assertWritable();
    if (this.#members.size === 0) return;
    this.markDirty();
    this.#members.clear();
  }

  protected settleParts(path: Path): object {
    const kept: unknown[] = [];
    let isReplaced = this.#isOwn;
    const settled = settleSet(this.#members, path, (member) => {
      kept.push(member);
      return this.settlePart(member, path, (value) => {
        isReplaced ||= value !== member;
        kept.splice(-1, 1, value);
      });
    });
    // The handler's own Set and this draft go separate ways from here on.
    if (isReplaced) this.#members = this.#membersOf(kept);
    this.#isOwn = false;
    return settled;
  }

  protected peekParts(path: Path): object {
    return settleSet(this.#members, path, (member) => this.peekPart(member, path));
  }

  #membersOf(values: Iterable<unknown>): Set<unknown> {
    const members = new Set<unknown>();
    for (const value of values) members.add(this.#asMember(value));
    return members;
  }

  #asMember(value: unknown): unknown {
    if (!isObject(value) || nodeOf(value) || !isSettled(value) || !isContainer(value)) return value;
    const known = this.#drafts.get(value);
    if (known) return known;
    const draft = this.scope.createDraft(value, this);
    this.#drafts.set(value, draft);
    return draft;
  }
}
