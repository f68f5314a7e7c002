/** An operation that its client was not told the end of. */
interface Listed {
  readonly id: string;
  stop(): Promise<void>;
}

/**
 * The operations of one connection, by their ids. Most connections have one, a subscription: a
 * Map is made for the second.
 */
export class RunningOperations {
  #first: Listed | null = null;
  #others: Map<string, Listed> | null = null;

  get(id: string): Listed | undefined {
    if (this.#first?.id === id) return this.#first;
    return this.#others?.get(id);
  }

  /** One whose id is free. */
  add(operation: Listed): void {
    if (!this.#first) {
      this.#first = operation;
      return;
    }
    this.#others ??= new Map();
    this.#others.set(operation.id, operation);
  }

  delete(operation: Listed): void {
    if (this.#first === operation) this.#first = null;
    else this.#others?.delete(operation.id);
  }

  /** Ends all of them: the client has gone. */
  stop(): void {
    const all = [this.#first, ...(this.#others?.values() ?? [])];
    for (const operation of all) void operation?.stop();
  }
}
