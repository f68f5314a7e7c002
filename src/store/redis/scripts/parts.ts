/** The time: of Redis, so that the clocks of nodes do not matter. */
export const readTime = `
local function now_us()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function now_ms()
  return math.floor(now_us() / 1000)
end
`;

/** Where what happens to a token is published: its own name, without that of its head. */
export const channelOf = `
local function channel_of(head)
  return string.sub(head, 1, -${':head'.length + 1})
end
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

/** A token does not expire while there are durable tasks of it: whoever runs them may come late. Head first. */
export const livingOn = `
local function live_on(keys, memories, ttl)
  local stays = ttl == '' or redis.call('EXISTS', memories) == 1
  -- One that was never written is kept by its lease.
  local first = redis.call('HEXISTS', keys[1], 'version') == 1 and 1 or 2
  for i = first, #keys do
    if stays then redis.call('PERSIST', keys[i]) else redis.call('PEXPIRE', keys[i], ttl) end
  end
end
`;

/** For how long what is over stays so, in ms: what was sent before comes no later than that. */
export const overMs = 24 * 60 * 60 * 1000;

/**
 * What is over puts nothing on record any more, also if what was sent comes late, or
 * a second time: a node that is gone, a task that its heir may have ended.
 */
export const overMark = `
local function mark_over(over, name, heir, now)
  redis.call('HSETNX', over, name, heir .. ' ' .. string.format('%.0f', now))
  redis.call('PEXPIRE', over, ${overMs})
end

local function is_over(over, name)
  return redis.call('HEXISTS', over, name) == 1
end

local function drop_old(over, now)
  local marks = redis.call('HGETALL', over)
  for i = 1, #marks, 2 do
    local since = tonumber(string.match(marks[i + 1], '%d+$') or 0)
    if since + ${overMs} < now then redis.call('HDEL', over, marks[i]) end
  end
end
`;

/**
 * To whoever listens but the one who says it: that one knows. If nobody does, nobody
 * will before the head is marked again: by a read of who listens from then on, or
 * when the lease passes on.
 */
export const telling = `
local function tell_others(head, listener, message)
  local channel = channel_of(head)
  local listeners = redis.call('PUBSUB', 'SHARDNUMSUB', channel, channel .. ':' .. listener)
  if listeners[2] > listeners[4] then
    redis.call('SPUBLISH', channel, message)
  else
    redis.call('HDEL', head, 'heard')
  end
end
`;

/** The id of an entry of the log, and how long the log is before it: see log-entry.ts. */
export const entryIds = `
local function id_of(stored)
  return string.match(stored[2][2], '^%["([^"]+)","[^"]*",(%d+),')
end
`;

/**
 * Whose a task on record is, a node's or that of an attempt at a durable one, and
 * whether somebody has cancelled it: see task-text.ts.
 */
export const ownership = `
local function is_its(record, owner)
  local mark = string.sub(record, #owner + 1, #owner + 1)
  return string.sub(record, 1, #owner) == owner and (mark == ' ' or mark == '!')
end

local function is_of(tasks, name, owner)
  local record = redis.call('HGET', tasks, name)
  return record and is_its(record, owner)
end

-- Of a record, or of an owner.
local function is_durable(text)
  return string.sub(text, 1, 1) == '@'
end

local function is_cancelled(record)
  return string.find(record, '^[^ ]*!') ~= nil
end
`;
