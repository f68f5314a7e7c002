import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How far tasks may go, in whatever process: as far as they like until it is set. */
export class Gate {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'gate');
  }

  set(step: number): void {
    writeFileSync(this.#path, `${step}`);
  }

  lets(step: number): boolean {
    // While it is written it is empty, and lets nothing through.
    return !existsSync(this.#path) || step <= Number(readFileSync(this.#path, 'utf8'));
  }
}
