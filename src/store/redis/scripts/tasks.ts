import { Script } from '../script.ts';
import { leavingMark, livingAs, ownership } from './parts.ts';

/**
 * Keys: head, tasks, gone. Arguments: node, ttlMs or nothing, how many start, their
 * ids and records, ids of those that end. Answers 1, or 0 if the node was taken for
 * gone: then none of them start.
 */
export const trackTasksScript = new Script(`#!lua
${livingAs}${ownership}
local head, tasks, node = KEYS[1], KEYS[2], ARGV[1]
local started = tonumber(ARGV[3])
if started > 0 and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
for i = 1, started do redis.call('HSET', tasks, ARGV[2 + 2 * i], ARGV[3 + 2 * i]) end
for i = 4 + 2 * started, #ARGV do
  -- One that was taken over is its new node's.
  if is_of(tasks, ARGV[i], node) then redis.call('HDEL', tasks, ARGV[i]) end
end
if started > 0 then live_as(head, tasks, ARGV[2]) end
return 1
`);

/**
 * Takes the tasks of one node over for another. Keys: tasks, gone. Arguments: the
 * node that had them, the one that has them now. Answers their records.
 */
export const takeTasksScript = new Script(`#!lua flags=allow-oom
${leavingMark}
mark_as_gone(KEYS[2])
local gone, node = ARGV[1] .. ' ', ARGV[2] .. ' '
local all = redis.call('HGETALL', KEYS[1])
local taken = {}
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 1, #gone) == gone then
    local record = string.sub(all[i + 1], #gone + 1)
    redis.call('HSET', KEYS[1], all[i], node .. record)
    taken[#taken + 1] = record
  end
end
return taken
`);
