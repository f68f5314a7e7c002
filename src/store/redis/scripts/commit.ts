import { Script } from '../script.ts';
import { waiting } from './lease.ts';

/** What the commit script answers. */
export const commitAnswer = {
  stored: 0,
  /** Stored; and whoever has one at hand is to write a snapshot. */
  storedAndLong: 1,
  leaseLost: 2,
  conflict: 3,
  taskLost: 4,
  /** It was sent before, so long ago that nobody can tell. */
  unknown: 5,
} as const;

/** How much log there is before a snapshot is wanted, for states that are not larger. */
export const logLimit = { entries: 256, bytes: 256 * 1024 } as const;

/** For how long one node is to see to a snapshot before another is asked, in ms. */
const snapshotMs = 30_000;

/**
 * Keys: head, log; then, for a first commit, where tasks are concerned, and if the
 * lease is let go of after it, snapshot, tasks, waiters.
 * Arguments: lease, base id, new id, version, first id, entry, leaseMs, ttlMs or
 * nothing, channel, node, task or nothing, 1 to let go of the lease, how many tasks start,
 * their ids and records, ids of those that end.
 */
export const commitScript = new Script(`#!lua
${waiting}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head, log, snapshot, tasks = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lease, base, id, version, first, entry = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local channel, node, task, lets_go = ARGV[9], ARGV[10], ARGV[11], ARGV[12] == '1'
if lets_go then redis.call('HLEN', KEYS[5]) end
local at = redis.call('HMGET', head, 'version', 'id', 'holder', 'total', 'snapshotVersion', 'snapshotBytes', 'snapshotTotal', 'snapshotUntil')
local newest = tonumber(at[1] or 0) or -1

-- Sent again: it may be stored already, and others after it.
if at[2] == id then return ${commitAnswer.stored} end
if newest >= version then
  local there = redis.call('XRANGE', log, ARGV[4] .. '-0', ARGV[4] .. '-0')
  if there[1] then
    for i = 1, #there[1][2], 2 do
      if there[1][2][i] == 'id' and there[1][2][i + 1] == id then return ${commitAnswer.stored} end
    end
  elseif version <= (tonumber(at[5] or 0) or 0) then
    return ${commitAnswer.unknown}
  end
end

if at[3] ~= lease then return ${commitAnswer.leaseLost} end
if (at[2] or '') ~= base or newest ~= version - 1 then return ${commitAnswer.conflict} end

local started = tonumber(ARGV[13])
local function is_ours(name)
  local record = redis.call('HGET', tasks, name)
  return record and string.sub(record, 1, #node + 1) == node .. ' '
end
if task ~= '' and not is_ours(task) then return ${commitAnswer.taskLost} end
for i = 14 + 2 * started, #ARGV do
  if not is_ours(ARGV[i]) then return ${commitAnswer.taskLost} end
end

-- What an earlier life of the token may have left.
if newest == 0 then redis.call('UNLINK', log, snapshot) end

-- First, since it alone can refuse.
local total = (tonumber(at[4] or 0) or 0) + #entry
redis.call('XADD', log, ARGV[4] .. '-0', 'id', id, 'previous', base, 'total', total, 'entry', entry)
local bytes = total - (tonumber(at[7] or 0) or 0)
local snapshotBytes = tonumber(at[6] or 0) or 0
local entries = version - (tonumber(at[5] or 0) or 0)
local answer = ${commitAnswer.stored}
local limit = math.max(${logLimit.entries}, snapshotBytes / 300)
if (entries > limit or bytes > math.max(${logLimit.bytes}, snapshotBytes)) and (tonumber(at[8] or 0) or 0) < now then
  redis.call('HSET', head, 'snapshotUntil', now + ${snapshotMs})
  answer = ${commitAnswer.storedAndLong}
end
redis.call('HSET', head, 'version', version, 'id', id, 'total', total, 'until', now + ARGV[7])
if newest == 0 then redis.call('HSET', head, 'first', first) end
for i = 1, started do redis.call('HSET', tasks, ARGV[12 + 2 * i], ARGV[13 + 2 * i]) end
for i = 14 + 2 * started, #ARGV do redis.call('HDEL', tasks, ARGV[i]) end
if newest == 0 or started > 0 then
  if newest > 0 then
    local untilTime = redis.call('PEXPIRETIME', head)
    if untilTime > 0 then redis.call('PEXPIREAT', tasks, untilTime) end
  elseif ARGV[8] == '' then
    redis.call('PERSIST', head)
    redis.call('PERSIST', tasks)
  else
    redis.call('PEXPIRE', head, ARGV[8])
    redis.call('PEXPIRE', log, ARGV[8])
    redis.call('PEXPIRE', tasks, ARGV[8])
  end
end
redis.call('SPUBLISH', channel, 'commit ' .. id)
if lets_go then pass_on(head, KEYS[5], channel, now, ARGV[7]) end
return answer
`);
