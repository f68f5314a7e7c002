import type { TokenKey } from '../tokens/token-key.ts';

/** Which apps of one process have subscribers of which state, for a store that no other process shares. */
export class PresenceCount {
  readonly #apps = new Map<string, number>();

  /** Whether nobody had any. */
  enter(key: TokenKey, state: string): boolean {
    const count = (this.#apps.get(nameOf(key, state)) ?? 0) + 1;
    this.#apps.set(nameOf(key, state), count);
    return count === 1;
  }

  has(key: TokenKey, state: string): boolean {
    return this.#apps.has(nameOf(key, state));
  }

  /** What somebody has entered. */
  all(): [key: TokenKey, state: string][] {
    return [...this.#apps.keys()].map((name) => {
      const [key, state = ''] = name.split(' ');
      return [key as TokenKey, state];
    });
  }

  /** Whether nobody has any more. */
  leave(key: TokenKey, state: string): boolean {
    const count = (this.#apps.get(nameOf(key, state)) ?? 0) - 1;
    if (count > 0) this.#apps.set(nameOf(key, state), count);
    else this.#apps.delete(nameOf(key, state));
    return count <= 0;
  }
}

function nameOf(key: TokenKey, state: string): string {
  return `${key} ${state}`;
}
