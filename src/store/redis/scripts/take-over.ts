import { Script } from '../script.ts';
import { overMark, ownership, readTime } from './parts.ts';

/**
 * Takes over what a node that is gone has left of a token. Keys: tasks, present,
 * over. Arguments: the node that is gone, the one that takes it over. Answers the
 * states that it had subscribers of, and its tasks as they are kept; also what was
 * taken over before, if that answer was lost.
 */
export const takeOverScript = new Script(`#!lua flags=allow-oom
${readTime}${ownership}${overMark}
local tasks, present, over, gone, heir = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2]
local now = now_ms()
mark_over(over, 'node ' .. gone, '', now)

local all = redis.call('HGETALL', tasks)
for i = 1, #all, 2 do
  if is_its(all[i + 1], gone) then
    redis.call('HSET', tasks, all[i], heir .. string.sub(all[i + 1], #gone + 1))
    -- It may have been another heir's before.
    redis.call('HDEL', over, 'task ' .. all[i])
    mark_over(over, 'task ' .. all[i], heir, now)
  end
end

local fields = redis.call('HKEYS', present)
local ending = ' ' .. gone
for i = 1, #fields do
  if string.sub(fields[i], -#ending) == ending then
    local state = string.sub(fields[i], 1, -#ending - 1)
    redis.call('HSET', present, state .. ' ' .. heir, '')
    redis.call('HDEL', present, fields[i])
    mark_over(over, 'state ' .. fields[i], heir, now)
  end
end

drop_old(over, now)
local states, records = {}, {}
local marks = redis.call('HGETALL', over)
for i = 1, #marks, 2 do
  local task = string.match(marks[i], '^task (.+)$')
  local state = string.match(marks[i], '^state (.+) %S+$')
  local its_heir = string.match(marks[i + 1], '^(%S*) %d+$')
  if its_heir ~= heir then
    -- Another's, or nobody's.
  elseif task and is_of(tasks, task, heir) then
    records[#records + 1] = redis.call('HGET', tasks, task)
  elseif state and string.sub(marks[i], -#ending) == ending and redis.call('HEXISTS', present, state .. ' ' .. heir) == 1 then
    states[#states + 1] = state
  end
end
return {states, records}
`);

/**
 * Says which tasks are on record for a node; the others can never be. Keys: tasks,
 * over. Arguments: node, ids. Answers those that are, as they are kept.
 */
export const settleStartsScript = new Script(`#!lua flags=allow-oom
${readTime}${ownership}${overMark}
local started, now = {}, now_ms()
for i = 2, #ARGV do
  if is_of(KEYS[1], ARGV[i], ARGV[1]) then
    started[#started + 1] = redis.call('HGET', KEYS[1], ARGV[i])
  else
    mark_over(KEYS[2], 'task ' .. ARGV[i], '', now)
  end
end
return started
`);
