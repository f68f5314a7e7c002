import { Script } from '../script.ts';
import { ending } from './ending.ts';
import { channelOf, livingAs, livingOn, overMark, ownership, readTime } from './parts.ts';

/** What the script answers that has done nothing. */
export const trackAnswer = {
  taskLost: -1,
  taskCancelled: -2,
  superseded: -3,
  /** A durable task that is to start may have run and ended, or never can. */
  unknown: -4,
} as const;

/**
 * Keys: head, log, snapshot, tasks, over, ended, memories. Arguments: node, ttlMs or nothing, how many
 * start, how many memories are saved, a durable task that has to go on and whose it has to be,
 * or nothing twice, ids and records of those that start, ids of memories with whose they have
 * to be, or nothing if they start, and texts; and what {@link ending} takes.
 * Answers how many of the node's were taken off; or that they or the node are over, or one
 * that ends is another's, or no longer its latest attempt's; or that one is cancelled, and
 * ends otherwise.
 */
export const trackTasksScript = new Script(`#!lua
${readTime}${channelOf}${livingAs}${livingOn}${ownership}${overMark}${ending}
local head, log, snapshot, tasks, over, ended, memories = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local node, started, saved = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
local writer, owner = ARGV[5], ARGV[6]
local first_started = 7
local first_saved = first_started + 2 * started
local first_ended = first_saved + 3 * saved

-- Whether a durable task may do more than end, as an attempt of it.
local function refusal_of(id, attempt)
  local record = redis.call('HGET', tasks, id)
  if not record or not is_its(record, attempt) then return ${trackAnswer.superseded} end
  return is_cancelled(record) and ${trackAnswer.taskCancelled}
end

local refusal = writer ~= '' and refusal_of(writer, owner)
if refusal then return refusal end
for i = first_started, first_saved - 1, 2 do
  local is_closed = is_over(over, 'task ' .. ARGV[i])
  if is_durable(ARGV[i + 1]) then
    -- On record, it is sent again.
    if is_closed and redis.call('HEXISTS', tasks, ARGV[i]) == 0 then return ${trackAnswer.unknown} end
  elseif is_closed or is_over(over, 'node ' .. node) then
    return ${trackAnswer.taskLost}
  end
end
for i = first_saved, first_ended - 1, 3 do
  local refused = ARGV[i + 1] ~= '' and refusal_of(ARGV[i], ARGV[i + 1])
  if refused then return refused end
end
for i = first_ended, #ARGV, 6 do
  if redis.call('HEXISTS', tasks, ARGV[i]) == 1 and not is_of(tasks, ARGV[i], ARGV[i + 1]) then
    return is_durable(ARGV[i + 1]) and ${trackAnswer.superseded} or ${trackAnswer.taskLost}
  end
end
if refuses_end(tasks, first_ended) then return ${trackAnswer.taskCancelled} end
-- Of another kind they would be an error when it is too late.
redis.call('ZCARD', ended)
redis.call('HLEN', memories)
-- Sent again, it may be cancelled by now, or claimed.
for i = first_started, first_saved - 1, 2 do redis.call('HSETNX', tasks, ARGV[i], ARGV[i + 1]) end
for i = first_saved, first_ended - 1, 3 do
  redis.call(ARGV[i + 1] == '' and 'HSETNX' or 'HSET', memories, ARGV[i], ARGV[i + 2])
end
local removed, of_node = end_tasks(tasks, memories, ended, first_ended)
if started > 0 then live_as(head, tasks, ARGV[2]) end
-- Also what has just been given a time of its own.
if removed > of_node or redis.call('EXISTS', memories) == 1 then live_on({head, log, snapshot, tasks, memories}, memories, ARGV[2]) end
if started + removed > 0 then redis.call('SPUBLISH', channel_of(head), 'tasks') end
return of_node
`);

/**
 * Replaces what is known of a task, if it is its owner's and not cancelled. Keys: head, tasks. Arguments:
 * owner, id, its record without the owner. Answers 1 if it did, or 0.
 */
export const updateTaskScript = new Script(`#!lua
${channelOf}${ownership}
local head, tasks, owner, id = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local record = redis.call('HGET', tasks, id)
if not record or not is_its(record, owner) or is_cancelled(record) then return 0 end
redis.call('HSET', tasks, id, owner .. ' ' .. ARGV[3])
redis.call('SPUBLISH', channel_of(head), 'tasks')
return 1
`);

/**
 * Marks a task as cancelled, of whatever owner it is. Keys: head, tasks. Arguments: id.
 * Answers 1, or 0 if it is not on record.
 */
export const cancelTaskScript = new Script(`#!lua flags=allow-oom
${readTime}${channelOf}${ownership}
local head, tasks, id = KEYS[1], KEYS[2], ARGV[1]
local record = redis.call('HGET', tasks, id)
if not record then return 0 end
if not is_cancelled(record) then
  local owner, rest = string.match(record, '^([^ ]*)(.*)$')
  redis.call('HSET', tasks, id, owner .. '!' .. string.format('%.0f', now_ms()) .. rest)
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
