import { Script } from '../script.ts';
import { livingAs, overMark, ownership } from './parts.ts';

/**
 * Keys: head, tasks, over. Arguments: node, ttlMs or nothing, how many start, their
 * ids and records, ids of those that end. Answers how many were taken off, or -1 if
 * they or the node are over, or one that ends is another's: then nothing is done.
 */
export const trackTasksScript = new Script(`#!lua
${livingAs}${ownership}${overMark}
local head, tasks, node = KEYS[1], KEYS[2], ARGV[1]
local started = tonumber(ARGV[3])
if started > 0 and is_over(KEYS[3], 'node ' .. node) then return -1 end
for i = 1, started do
  if is_over(KEYS[3], 'task ' .. ARGV[2 + 2 * i]) then return -1 end
end
for i = 4 + 2 * started, #ARGV do
  if redis.call('HEXISTS', tasks, ARGV[i]) == 1 and not is_of(tasks, ARGV[i], node) then return -1 end
end
for i = 1, started do redis.call('HSET', tasks, ARGV[2 + 2 * i], ARGV[3 + 2 * i]) end
local removed = 0
for i = 4 + 2 * started, #ARGV do removed = removed + redis.call('HDEL', tasks, ARGV[i]) end
if started > 0 then live_as(head, tasks, ARGV[2]) end
return removed
`);
