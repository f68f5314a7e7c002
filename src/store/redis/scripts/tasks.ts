import { Script } from '../script.ts';
import { ending } from './ending.ts';
import { channelOf, livingAs, overMark, ownership, readTime } from './parts.ts';

/** What the script answers that has done nothing. */
export const trackAnswer = { taskLost: -1, taskCancelled: -2 } as const;

/**
 * Keys: head, tasks, over, ended. Arguments: node, ttlMs or nothing, how many start,
 * their ids and records, and what {@link ending} takes. Answers how many were taken off;
 * or that they or the node are over, or one that ends is another's; or that one is
 * cancelled, and ends otherwise.
 */
export const trackTasksScript = new Script(`#!lua
${readTime}${channelOf}${livingAs}${ownership}${overMark}${ending}
local head, tasks, over, ended, node = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1]
local started = tonumber(ARGV[3])
local first_ended = 4 + 2 * started
if started > 0 and is_over(over, 'node ' .. node) then return ${trackAnswer.taskLost} end
for i = 1, started do
  if is_over(over, 'task ' .. ARGV[2 + 2 * i]) then return ${trackAnswer.taskLost} end
end
for i = first_ended, #ARGV, 5 do
  if redis.call('HEXISTS', tasks, ARGV[i]) == 1 and not is_of(tasks, ARGV[i], node) then return ${trackAnswer.taskLost} end
end
if refuses_end(tasks, first_ended) then return ${trackAnswer.taskCancelled} end
-- Of another kind it would be an error when it is too late.
redis.call('ZCARD', ended)
-- Sent again, it may be cancelled by now.
for i = 1, started do redis.call('HSETNX', tasks, ARGV[2 + 2 * i], ARGV[3 + 2 * i]) end
local removed = end_tasks(tasks, ended, first_ended)
if started > 0 then live_as(head, tasks, ARGV[2]) end
if started + removed > 0 then redis.call('SPUBLISH', channel_of(head), 'tasks') end
return removed
`);

/**
 * Replaces what is known of a task, if it is the node's and not cancelled. Keys: head, tasks. Arguments:
 * node, id, its record without the node.
 */
export const updateTaskScript = new Script(`#!lua
${channelOf}${ownership}
local head, tasks, node, id = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local record = redis.call('HGET', tasks, id)
if not record or not is_its(record, node) or is_cancelled(record) then return 0 end
redis.call('HSET', tasks, id, node .. ' ' .. ARGV[3])
redis.call('SPUBLISH', channel_of(head), 'tasks')
return 1
`);

/**
 * Marks a task as cancelled, of whatever node it is. Keys: head, tasks. Arguments: id.
 * Answers 1, or 0 if it is not on record.
 */
export const cancelTaskScript = new Script(`#!lua flags=allow-oom
${readTime}${channelOf}${ownership}
local head, tasks, id = KEYS[1], KEYS[2], ARGV[1]
local record = redis.call('HGET', tasks, id)
if not record then return 0 end
if not is_cancelled(record) then
  local node, rest = string.match(record, '^([^ ]*)(.*)$')
  redis.call('HSET', tasks, id, node .. '!' .. string.format('%.0f', now_ms()) .. rest)
end
redis.call('SPUBLISH', channel_of(head), 'cancel ' .. id)
return 1
`);

/**
 * Reads at one moment all tasks that are listed. Keys: tasks, ended. Answers those on
 * record, as they are kept, and those that have ended.
 */
export const listTasksScript = new Script(`#!lua flags=no-writes
${readTime}
local tasks, ended = KEYS[1], KEYS[2]
return {redis.call('HVALS', tasks), redis.call('ZRANGE', ended, '(' .. string.format('%.0f', now_ms()), '+inf', 'BYSCORE')}
`);
