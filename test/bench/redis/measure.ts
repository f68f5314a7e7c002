import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from '../bundle.ts';

export interface MeasuredRedis {
  /** Each round: how many a second of `PING` on a connection like the store's, and of commits. */
  readonly commits: readonly {
    readonly pings: number;
    readonly commits: number;
    readonly callsPerEvent: number;
  }[];
  /** In ms: a cold load of a state with 1,000 vars, and `HGETALL` of as many fields. */
  readonly loads: readonly { readonly load: number; readonly hgetall: number }[];
}

const program = fileURLToPath(new URL('contender.ts', import.meta.url));

export function measureRedis(): MeasuredRedis {
  const output = execFileSync(process.execPath, [bundle(program)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as MeasuredRedis;
}
