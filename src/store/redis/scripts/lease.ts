import { Script } from '../script.ts';
import { channelOf, readTime } from './parts.ts';

/** Who waits is first come, first served. One that has not shown for its time is passed over. */
export const waiting = `
local function first_waiter(waiters, now)
  local all = redis.call('HGETALL', waiters)
  local first, lowest
  for i = 1, #all, 2 do
    local ticket, deadline = string.match(all[i + 1], '^(%d+) (%d+)$')
    if not ticket or tonumber(deadline) < now then
      redis.call('HDEL', waiters, all[i])
    elseif not lowest or tonumber(ticket) < lowest then
      first, lowest = all[i], tonumber(ticket)
    end
  end
  return first
end

local function grant(head, waiters, id, untilTime)
  redis.call('HDEL', waiters, id)
  -- Of another node than before: whoever listens is to be told.
  redis.call('HSET', head, 'holder', id, 'until', untilTime, 'heard', 1)
  -- For commits to see.
  if redis.call('HLEN', waiters) > 0 then
    redis.call('HSET', head, 'wanted', 1)
  else
    redis.call('HDEL', head, 'wanted')
  end
  -- One that is never written has nothing that says how long to keep it.
  if redis.call('HEXISTS', head, 'version') == 0 then redis.call('PEXPIREAT', head, untilTime + 60000) end
end

local function pass_on(head, waiters, now, lease_ms)
  local first = first_waiter(waiters, now)
  if first then
    grant(head, waiters, first, now + lease_ms)
    redis.call('SPUBLISH', channel_of(head), 'granted ' .. first)
  else
    redis.call('HDEL', head, 'holder', 'until', 'wanted')
  end
end
`;

/**
 * Asks for the lease, or goes on waiting for it: to be called again before
 * `waitMs` are over. Keys: head, waiters. Arguments: lease, leaseMs, waitMs. Answers
 * `[1, version, id, first, how long the log is]`, or `[0, how long the holder has it
 * still, in ms]`.
 */
export const acquireScript = new Script(`#!lua
${readTime}${channelOf}${waiting}
local head, waiters = KEYS[1], KEYS[2]
local lease, leaseMs, waitMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local asked_at = now_us()
local now = math.floor(asked_at / 1000)
local at = redis.call('HMGET', head, 'holder', 'until', 'version', 'id', 'first', 'total')
local holder, untilTime = at[1], tonumber(at[2] or 0) or 0
if holder and holder ~= lease and untilTime <= now then holder = false end
local tickets = redis.call('HGET', waiters, lease)
if not holder then
  local first = first_waiter(waiters, now)
  holder = first or lease
  untilTime = now + leaseMs
  grant(head, waiters, holder, untilTime)
  if holder ~= lease then redis.call('SPUBLISH', channel_of(head), 'granted ' .. holder) end
elseif holder == lease then
  grant(head, waiters, lease, now + leaseMs)
end
if holder == lease then return {1, at[3] or '0', at[4] or '', at[5] or '', at[6] or '0'} end
local ticket = tickets and string.match(tickets, '^%d+') or string.format('%.0f', asked_at)
redis.call('HSET', waiters, lease, ticket .. ' ' .. string.format('%.0f', now + waitMs))
redis.call('PEXPIRE', waiters, waitMs * 4)
redis.call('HSET', head, 'wanted', 1)
redis.call('SPUBLISH', channel_of(head), 'wanted ' .. holder)
return {0, untilTime - now}
`);

/**
 * Lets go of the lease, or of the wish for it; the next who waits has it then.
 * Keys: head, waiters. Arguments: lease, leaseMs.
 */
export const releaseScript = new Script(`#!lua flags=allow-oom
${readTime}${channelOf}${waiting}
local head, waiters = KEYS[1], KEYS[2]
redis.call('HDEL', waiters, ARGV[1])
if redis.call('HGET', head, 'holder') ~= ARGV[1] then return 0 end
pass_on(head, waiters, now_ms(), ARGV[2])
return 1
`);

/** Keeps the lease for `leaseMs` more. Keys: head. Arguments: lease, leaseMs. Answers 1, or 0 if it is lost. */
export const renewScript = new Script(`#!lua flags=allow-oom
${readTime}
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
local now = now_ms()
redis.call('HSET', KEYS[1], 'until', now + ARGV[2])
if redis.call('HEXISTS', KEYS[1], 'version') == 0 then redis.call('PEXPIREAT', KEYS[1], now + ARGV[2] + 60000) end
return 1
`);
