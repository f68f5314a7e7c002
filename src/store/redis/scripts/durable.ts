import { Script } from '../script.ts';
import { channelOf, overMark, ownership, readTime } from './parts.ts';

/**
 * Reads a durable task. Keys: tasks, memories. Arguments: id. Answers its record and its
 * memory, as they are kept; nothing if it is not on record.
 */
export const readDurableScript = new Script(`#!lua flags=no-writes
${ownership}
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or not is_durable(record) then return false end
return {record, redis.call('HGET', KEYS[2], ARGV[1])}
`);

/**
 * Begins the next attempt at a durable task. Keys: head, tasks, memories, over. Arguments: id.
 * Answers the same; without its memory it begins none.
 */
export const claimScript = new Script(`#!lua
${readTime}${channelOf}${ownership}${overMark}
local head, tasks, memories, over, id = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1]
local record = redis.call('HGET', tasks, id)
local attempt, rest = string.match(record or '', '^@(%d+)(.*)$')
if not attempt then return false end
local memory = redis.call('HGET', memories, id)
if not memory then return {record, false} end
-- It ends now, perhaps before its start was answered: that may be sent again.
if is_cancelled(record) then mark_over(over, 'task ' .. id, '', now_ms()) end
-- That it was cancelled stays.
local claimed = '@' .. string.format('%.0f', attempt + 1) .. rest
redis.call('HSET', tasks, id, claimed)
redis.call('SPUBLISH', channel_of(head), 'tasks')
return {claimed, memory}
`);

/** How many marks are made before old ones are looked for. */
const marksPerSweep = 64;

/**
 * No late start puts this task on record any more. Keys: tasks, over. Arguments: id.
 * Answers 1 if it is on record, or 0: then it never will be.
 */
export const closeStartScript = new Script(`#!lua flags=allow-oom
${readTime}${overMark}
local tasks, over, id, now = KEYS[1], KEYS[2], ARGV[1], now_ms()
if not is_over(over, 'task ' .. id) then
  mark_over(over, 'task ' .. id, '', now)
  if redis.call('HLEN', over) % ${marksPerSweep} == 0 then drop_old(over, now) end
end
return redis.call('HEXISTS', tasks, id)
`);
