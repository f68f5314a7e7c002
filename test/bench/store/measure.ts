import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../bundle.ts';

/** lmdb's own `put` of what an entry takes, and the stores. */
export type Contender =
  | 'put sync'
  | 'put async'
  | 'memory'
  | 'lmdb sync'
  | 'lmdb async'
  | 'redis'
  | 'redis turns';

export interface Measurement {
  readonly contender: Contender;
  /** A new folder. */
  readonly path: string;
  /** Of about 100 bytes each in each state. */
  readonly rows: number;
  readonly tokens: number;
  /** How long to commit before it counts. */
  readonly warmUp: number;
  readonly seconds: number;
}

export interface Measured {
  readonly commits: number;
  readonly seconds: number;
  /** Written to files, or to Redis, in the time that counts. */
  readonly bytes: number;
}

const program = bundle(fileURLToPath(new URL('contender.ts', import.meta.url)));

/** Measures in a process and a folder of its own. */
export function measure(settings: Omit<Measurement, 'path'>): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'statewire-bench-'));
  try {
    const measurement: Measurement = { ...settings, path: join(folder, 'store') };
    const output = execFileSync(process.execPath, [program, JSON.stringify(measurement)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(output) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
