import { Script } from '../script.ts';

/**
 * Keeps a token for so long from now. Keys: head, log, snapshot, tasks, present.
 * Arguments: ttlMs, or nothing for ever.
 */
export const keepScript = new Script(`#!lua flags=allow-oom
-- One that was never written is kept by its lease.
local first = redis.call('HEXISTS', KEYS[1], 'version') == 1 and 1 or 2
for i = first, #KEYS do
  if ARGV[1] == '' then redis.call('PERSIST', KEYS[i]) else redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
end
return first
`);
