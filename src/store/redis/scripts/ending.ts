import { justEndedMs, maxEndedTasks } from '../../stored-task.ts';

/**
 * Tasks that end go from those on record to those that are listed, at once. Takes, from
 * some argument on, for each of them: its id, whose it has to be, 1 if it ends as cancelled,
 * for how long it is listed, in ms, when it ended, in us since 1970, and its text, or nothing
 * if it is not. Needs `ownership`.
 */
export const ending = `
local function refuses_end(tasks, first)
  for i = first, #ARGV, 6 do
    local record = ARGV[i + 2] ~= '1' and redis.call('HGET', tasks, ARGV[i])
    if record and is_cancelled(record) then return true end
  end
  return false
end

-- Those whose time is over, and all but the latest and those that ended just now: each text
-- begins with when it ended, in us.
local function drop_ended(ended, now)
  redis.call('ZREMRANGEBYSCORE', ended, '-inf', now)
  if redis.call('ZCARD', ended) <= ${maxEndedTasks} then return end
  local all = redis.call('ZRANGE', ended, 0, -1)
  for i = 1, #all do all[i] = {tonumber(string.match(all[i], '^%d+')) or 0, all[i]} end
  table.sort(all, function(a, b) return a[1] < b[1] end)
  local just_now = (now - ${justEndedMs}) * 1000
  for i = 1, #all - ${maxEndedTasks} do
    if all[i][1] > just_now then return end
    redis.call('ZREM', ended, all[i][2])
  end
end

-- How many were taken off, and how many of them were a node's.
local function end_tasks(tasks, memories, ended, first)
  local removed, of_node, now = 0, 0, nil
  for i = first, #ARGV, 6 do
    local record = redis.call('HGET', tasks, ARGV[i])
    removed = removed + redis.call('HDEL', tasks, ARGV[i])
    if record and is_durable(record) then
      redis.call('HDEL', memories, ARGV[i])
    elseif record then
      of_node = of_node + 1
    end
    -- Said a second time, it is listed already.
    if record and ARGV[i + 5] ~= '' then
      now = now or now_ms()
      local until_time = now + ARGV[i + 3]
      -- That it was cancelled stays.
      local beginning = ARGV[i + 4] .. string.match(record, '^[^ !]*(!?%d*)') .. ' '
      redis.call('ZADD', ended, until_time, beginning .. ARGV[i + 5])
      if redis.call('PEXPIRETIME', ended) < until_time then redis.call('PEXPIREAT', ended, until_time) end
    end
  end
  if now then drop_ended(ended, now) end
  return removed, of_node
end
`;
