import { Script } from '../script.ts';
import { readTime } from './parts.ts';

/** Has tasks looked at in so many ms. Keys: due. Arguments: ms, names. */
export const expectScript = new Script(`#!lua
${readTime}
local at = now_ms() + ARGV[1]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], at, ARGV[i]) end
return at
`);

/** Has a task looked at in so many ms, unless it was forgotten. Keys: due. Arguments: ms, name. */
export const postponeScript = new Script(`#!lua flags=allow-oom
${readTime}
return redis.call('ZADD', KEYS[1], 'XX', now_ms() + ARGV[1], ARGV[2])
`);

/**
 * Names tasks that are to be looked at: whoever asks does, and so many ms later somebody
 * again. Keys: due. Arguments: ms, how many at most.
 */
export const takeDueScript = new Script(`#!lua flags=allow-oom
${readTime}
local now = now_ms()
local names = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[2])
for i = 1, #names do redis.call('ZADD', KEYS[1], now + ARGV[1], names[i]) end
return names
`);
