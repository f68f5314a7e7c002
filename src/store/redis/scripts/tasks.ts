import { Script } from '../script.ts';
import { livingAs, overMark, ownership } from './parts.ts';

/**
 * Keys: head, tasks, over. Arguments: node, ttlMs or nothing, how many start, their
 * ids and records, ids of those that end. Answers 1, or 0 if they or the node are
 * over: then none of them start.
 */
export const trackTasksScript = new Script(`#!lua
${livingAs}${ownership}${overMark}
local head, tasks, node = KEYS[1], KEYS[2], ARGV[1]
local started = tonumber(ARGV[3])
if started > 0 and is_over(KEYS[3], 'node ' .. node) then return 0 end
for i = 1, started do
  if is_over(KEYS[3], 'task ' .. ARGV[2 + 2 * i]) then return 0 end
end
for i = 1, started do redis.call('HSET', tasks, ARGV[2 + 2 * i], ARGV[3 + 2 * i]) end
for i = 4 + 2 * started, #ARGV do
  -- One that was taken over is its new node's.
  if is_of(tasks, ARGV[i], node) then redis.call('HDEL', tasks, ARGV[i]) end
end
if started > 0 then live_as(head, tasks, ARGV[2]) end
return 1
`);
