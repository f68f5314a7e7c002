import { Script } from '../script.ts';
import { livingOn } from './parts.ts';

/**
 * Keeps a token for so long from now. Keys: head, log, snapshot, tasks, memories, present.
 * Arguments: ttlMs, or nothing for ever.
 */
export const keepScript = new Script(`#!lua flags=allow-oom
${livingOn}
live_on(KEYS, KEYS[5], ARGV[1])
return 1
`);
