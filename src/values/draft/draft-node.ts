import { Given } from '../../delta/given.ts';
import { isContainer, isObject, type Path } from '../plain.ts';
import { peel } from '../read-only.ts';
import { isSettled, settle } from '../settle.ts';
import type { DraftOwner, DraftScope } from './draft-scope.ts';

/**
 * What stands behind a draft: a private field on its proxy. A WeakMap would keep each node,
 * with the lists it copied, up to the next full collection: young ones take its values for strong.
 */
class DraftMark extends Given {
  readonly #node: DraftNode;

  constructor(proxy: object, node: DraftNode) {
    super(proxy);
    this.#node = node;
  }

  static nodeOf(value: object): DraftNode | undefined {
    return #node in value ? value.#node : undefined;
  }
}

/** The node behind a draft. */
export function nodeOf(value: object): DraftNode | undefined {
  return DraftMark.nodeOf(value);
}

/**
 * A writable view of one value with parts of a snapshot: copy-on-write, one per
 * place in the state, usable until its scope ends, also across flushes.
 *
 * Our own, and not a library's, for three things none of them does: a child
 * stays usable after a flush, any use after the lock names its reason, and
 * list methods do not make a draft of each row they move. `test/values` holds
 * it against mutative as the oracle.
 */
export abstract class DraftNode implements DraftOwner {
  /** What handlers get. */
  abstract readonly proxy: object;
  protected readonly scope: DraftScope;
  /** The place this draft was read from; null for one that was read from nowhere. */
  readonly #owner: DraftOwner | null;
  /** Other places it was in at a snapshot; one it was put into since is dirty itself. */
  #owners: Set<DraftOwner> | null = null;
  /** The last snapshot made of this node; stale while dirty. */
  #snapshot: object | null;
  #dirty: boolean;
  #written = false;

  protected constructor(scope: DraftScope, base: object, owner: DraftOwner | null) {
    this.scope = scope;
    this.#dirty = !isSettled(base);
    this.#snapshot = this.#dirty ? null : base;
    this.#owner = owner;
  }

  /** Makes the node known as what stands behind its proxy. */
  protected register(proxy: object): void {
    new DraftMark(proxy, this);
  }

  /** Whether anything in here was ever written. */
  get written(): boolean {
    return this.#written;
  }

  markDirty(): void {
    this.#written = true;
    if (this.#dirty) return;
    this.#dirty = true;
    this.#owner?.markDirty();
    if (this.#owners) for (const owner of this.#owners) owner.markDirty();
  }

  /**
   * The value as it stands, settled. What did not change since the last
   * snapshot is the same object again, so its cost follows what was touched.
   *
   * @throws {@link ValueNotStorableError}
   */
  snapshot(path: Path): object {
    if (!this.#dirty && this.#snapshot) return this.#snapshot;
    this.#snapshot = this.settleParts(path);
    this.#dirty = false;
    return this.#snapshot;
  }

  /** The same for a look in between, which leaves everything as it is. Costs a copy of what was written. */
  peek(path: Path): object {
    if (!this.#dirty && this.#snapshot) return this.#snapshot;
    return this.peekParts(path);
  }

  protected abstract settleParts(path: Path): object;

  protected abstract peekParts(path: Path): object;

  /**
   * What a reader gets of an object in here: its draft, if it is one that drafts
   * are made of. `keep` puts a draft that is new into its place.
   */
  protected child(value: object, keep: (draft: object) => void): unknown {
    if (nodeOf(value)) return value;
    const plain = peel(value) as object;
    if (!isContainer(plain)) return plain;
    if (!isSettled(plain)) return this.adoptedChild(plain);
    const draft = this.scope.createDraft(plain, this);
    keep(draft);
    return draft;
  }

  /** An object the handler made: one proxy per identity, since the handler may hold the object itself. */
  protected adoptedChild(plain: object): object {
    const known = this.scope.adoptedOf(plain);
    if (known) return known;
    const proxy = this.scope.createDraft(plain, this);
    this.scope.adopt(plain, proxy);
    return proxy;
  }

  /** Whether the handler made it itself, and drafts could be made of it. */
  protected isOwn(value: unknown): value is object {
    return isObject(value) && !nodeOf(value) && !isSettled(value) && isContainer(value);
  }

  /** A part as it stands, settled; `keep` gets what is to stand in its place from now on. */
  protected settlePart(value: unknown, path: Path, keep: (value: unknown) => void): unknown {
    // Neither a draft nor a view of anything.
    if (isObject(value) && isSettled(value)) return value;
    const part = peel(value);
    if (!isObject(part)) return settle(part, path);
    const node = this.#nodeAt(part);
    if (node) return this.#settleDraft(node, { part, path, keep });

    let holdsDrafts = false;
    const settled = settle(part, path, (inner, at) => {
      const plain = peel(inner) as object;
      const inside = this.#nodeAt(plain);
      if (!inside) return plain;
      holdsDrafts = true;
      return inside.snapshot(at);
    });
    // Drafts inside (a filtered list, say) stay alive: their place becomes a draft too.
    if (holdsDrafts && isContainer(part)) {
      const draft = nodeOf(this.scope.createDraft(part, this)) as DraftNode;
      return this.#settleDraft(draft, { part, path, keep });
    }
    keep(settled);
    return settled;
  }

  /** The same for a look in between, which leaves everything as it is. */
  protected peekPart(value: unknown, path: Path): unknown {
    return settle(peel(value), path, (object, at) => {
      const plain = peel(object) as object;
      const node = this.#nodeAt(plain);
      return node ? node.peek(at) : plain;
    });
  }

  #nodeAt(value: object): DraftNode | undefined {
    return nodeOf(value) ?? nodeOf(this.scope.adoptedOf(value) ?? value);
  }

  #settleDraft(
    node: DraftNode,
    {
      part,
      path,
      keep,
    }: { readonly part: object; readonly path: Path; readonly keep: (value: unknown) => void },
  ): object {
    node.scope.assertReadable();
    if (node.#owner !== this) {
      node.#owners ??= new Set();
      node.#owners.add(this);
    }
    const settled = node.snapshot(path);
    if (node.proxy !== part) {
      this.scope.abandon(part);
      keep(node.proxy);
    }
    return settled;
  }
}
