/** The time in ms, and as Redis has it: of Redis, so that the clocks of nodes do not matter. */
export const readTime = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** A key lives as long as its token; while that was never written, for so many ms, or nothing for ever. */
export const livingAs = `
local function live_as(head, key, ttl)
  local until_time = redis.call('HEXISTS', head, 'version') == 1 and redis.call('PEXPIRETIME', head) or 0
  if until_time > 0 then
    redis.call('PEXPIREAT', key, until_time)
  elseif until_time == 0 and ttl ~= '' then
    redis.call('PEXPIRE', key, ttl)
  end
end
`;

/**
 * A node that is gone puts nothing on record any more, also if what it has sent
 * comes late, or a second time: what it had is another's, and may have ended.
 */
export const leavingMark = `
local function mark_as_gone(gone)
  redis.call('SET', gone, '', 'PX', ${24 * 60 * 60 * 1000})
end
`;

/** To whoever listens but the one who says it: that one knows. */
export const telling = `
local function tell_others(channel, listener, message)
  local listeners = redis.call('PUBSUB', 'SHARDNUMSUB', channel, channel .. ':' .. listener)
  if listeners[2] > listeners[4] then redis.call('SPUBLISH', channel, message) end
end
`;

/** Whether a task on record is a node's. */
export const ownership = `
local function is_of(tasks, name, node)
  local record = redis.call('HGET', tasks, name)
  return record and string.sub(record, 1, #node + 1) == node .. ' '
end
`;
