import { Script } from '../script.ts';
import { readTime } from './parts.ts';

/**
 * Says that a node lives. Keys: alive, gone. Arguments: node, for how many ms, 1
 * if it is new. Answers 0 if it was taken for gone meanwhile: it must come back as
 * another.
 */
export const beatScript = new Script(`#!lua flags=allow-oom
${readTime}local now = now_ms()
local overdue = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE')
if #overdue == redis.call('ZCARD', KEYS[1]) then
  -- None could show itself: it was Redis that was away.
  for i = 1, #overdue do redis.call('ZADD', KEYS[1], now + ARGV[2], overdue[i]) end
else
  for i = 1, #overdue do
    redis.call('ZREM', KEYS[1], overdue[i])
    redis.call('ZADD', KEYS[2], 0, overdue[i])
  end
end
if ARGV[3] ~= '1' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
`);

/** A node goes, of itself. Keys: alive, gone. Arguments: node. */
export const leaveScript = new Script(`#!lua flags=allow-oom
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
`);

/**
 * Names a node that is gone and that nobody sees to; it is this one's to see to for
 * so long. Keys: gone. Arguments: ms. Answers nothing if there is none.
 */
export const inheritScript = new Script(`#!lua flags=allow-oom
${readTime}local now = now_ms()
local node = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
if not node then return false end
redis.call('ZADD', KEYS[1], now + ARGV[1], node)
return node
`);
