/** Who must know that something in it has changed. */
export interface DraftOwner {
  markDirty(): void;
}

/** Makes the draft of a list, an object, a Map or a Set. */
export type CreateDraft = (scope: DraftScope, base: object, owner: DraftOwner | null) => object;

/**
 * The life of the drafts of one lock. Every draft asks its scope before each
 * read and each write, so ending the scope ends them all at once.
 */
export class DraftScope {
  /** Made for the first that is adopted. */
  #adopted: Map<object, object> | null = null;
  readonly #createDraft: CreateDraft;
  #refuseWrite: (() => Error) | null = null;
  #refuseRead: (() => Error) | null = null;

  constructor(createDraft: CreateDraft) {
    this.#createDraft = createDraft;
  }

  createDraft(base: object, owner: DraftOwner | null): object {
    return this.#createDraft(this, base, owner);
  }

  /** The proxy of an object that a handler made and has put into a draft: it is the handler's own until the commit. */
  adoptedOf(object: object): object | undefined {
    return this.#adopted?.get(object);
  }

  adopt(object: object, proxy: object): void {
    this.#adopted ??= new Map();
    this.#adopted.set(object, proxy);
  }

  /** It has become part of the state. */
  abandon(object: object): void {
    this.#adopted?.delete(object);
  }

  /** From now on a write throws what `reason` makes; reads go on. */
  refuseWrites(reason: () => Error): void {
    this.#refuseWrite ??= reason;
  }

  /** From now on every use throws what `reason` makes (a write: the reason of an earlier refusal). */
  release(reason: () => Error): void {
    this.refuseWrites(reason);
    this.#refuseRead ??= reason;
  }

  assertReadable(): void {
    if (this.#refuseRead) throw this.#refuseRead();
  }

  assertWritable(): void {
    if (this.#refuseWrite) throw this.#refuseWrite();
  }
}
