import { Script } from '../script.ts';
import { ending } from './ending.ts';
import { waiting } from './lease.ts';
import {
  channelOf,
  entryIds,
  livingAs,
  livingOn,
  overMark,
  ownership,
  readTime,
  telling,
} from './parts.ts';

/** What the commit script answers, with {@link wanted} added if somebody waits for the lease. */
export const commitAnswer = {
  stored: 0,
  /** Stored; and whoever has one at hand is to write a snapshot. */
  storedAndLong: 1,
  leaseLost: 2,
  conflict: 3,
  taskLost: 4,
  /** It was sent before, so long ago that nobody can tell. */
  unknown: 5,
  taskCancelled: 6,
  superseded: 7,
} as const;

export const wanted = 8;

/** How much log there is before a snapshot is wanted, for states that are not larger. */
export const logLimit = { entries: 128, bytes: 256 * 1024 } as const;

/** For how long one node is to see to a snapshot before another is asked, in ms. */
const snapshotMs = 30_000;

/**
 * Keys: head, log. Arguments: lease, base id, new id, version, how long the log is
 * then, entry, listener, and leaseMs if the lease is to be renewed, or let go of.
 *
 * For a first commit, where tasks are concerned, and if the lease is let go of after
 * it, also the keys snapshot, tasks, waiters, over, memories, and the arguments first id,
 * ttlMs or nothing, node, task or nothing, whose that has to be, 1 to let go of the lease,
 * how many tasks start, how many memories are saved, ids and records of the former, ids and
 * texts of the latter. If tasks end, also the key ended, and what {@link ending} takes.
 */
export const commitScript = new Script(`#!lua
${readTime}${channelOf}${waiting}${ownership}${livingAs}${livingOn}${telling}${entryIds}${overMark}${ending}local head, log, snapshot, tasks, waiters, over, memories, ended = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local lease, base, id, version, total, entry = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local listener, lease_ms, first, ttl, node, task = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12] or ''
local owner, lets_go = ARGV[13], ARGV[14] == '1'
local started, saved = tonumber(ARGV[15] or 0), tonumber(ARGV[16] or 0)
local first_started = 17
local first_saved = first_started + 2 * started
local first_ended = first_saved + 2 * saved

local function lost_of(owner)
  return is_durable(owner) and ${commitAnswer.superseded} or ${commitAnswer.taskLost}
end

local at = redis.call('HMGET', head, 'version', 'id', 'holder', 'wanted', 'heard', 'longVersion', 'longTotal')
local newest = tonumber(at[1] or 0) or -1

-- Sent again: it may be stored already, and others after it.
if at[2] == id then return ${commitAnswer.stored} end
if newest >= version then
  local there = redis.call('XRANGE', log, ARGV[4] .. '-0', ARGV[4] .. '-0')
  if there[1] then
    if id_of(there[1]) == id then return ${commitAnswer.stored} end
  elseif version <= (tonumber(redis.call('HGET', head, 'snapshotVersion') or 0) or 0) then
    return ${commitAnswer.unknown}
  end
end

if at[3] ~= lease then return ${commitAnswer.leaseLost} end
if (at[2] or '') ~= base or newest ~= version - 1 then return ${commitAnswer.conflict} end

if task ~= '' then
  local record = redis.call('HGET', tasks, task)
  if not record or not is_its(record, owner) then return lost_of(owner) end
  if is_cancelled(record) then return ${commitAnswer.taskCancelled} end
end
for i = first_ended, #ARGV, 6 do
  if not is_of(tasks, ARGV[i], ARGV[i + 1]) then return lost_of(ARGV[i + 1]) end
end
if refuses_end(tasks, first_ended) then return ${commitAnswer.taskCancelled} end
for i = first_started, first_saved - 1, 2 do
  local is_late = not is_durable(ARGV[i + 1]) and is_over(over, 'node ' .. node)
  if is_late or is_over(over, 'task ' .. ARGV[i]) then return ${commitAnswer.taskLost} end
end
-- Of another kind they would be an error when it is too late.
if started > 0 then redis.call('HLEN', tasks) end
if saved > 0 or ended then redis.call('HLEN', memories) end
if ended then redis.call('ZCARD', ended) end
if lets_go then redis.call('HLEN', waiters) end

-- What an earlier life of the token may have left.
if newest == 0 then redis.call('UNLINK', log, snapshot) end

-- First, since it alone can refuse. In one field, which is the fastest to read.
redis.call('XADD', log, ARGV[4] .. '-0', 'entry', entry)
local now = lease_ms ~= '' and now_ms()
if now then
  redis.call('HSET', head, 'version', ARGV[4], 'id', id, 'total', ARGV[5], 'until', now + lease_ms)
else
  redis.call('HSET', head, 'version', ARGV[4], 'id', id, 'total', ARGV[5])
end
local is_long = false
if version > (tonumber(at[6] or ${logLimit.entries}) or 0) or total > (tonumber(at[7] or ${logLimit.bytes}) or 0) then
  now = now or now_ms()
  is_long = (tonumber(redis.call('HGET', head, 'snapshotUntil') or 0) or 0) < now
  if is_long then redis.call('HSET', head, 'snapshotUntil', now + ${snapshotMs}) end
end
for i = first_started, first_saved - 1, 2 do redis.call('HSET', tasks, ARGV[i], ARGV[i + 1]) end
for i = first_saved, first_ended - 1, 2 do redis.call('HSET', memories, ARGV[i], ARGV[i + 1]) end
local removed, of_node = 0, 0
if ended then removed, of_node = end_tasks(tasks, memories, ended, first_ended) end
if newest == 0 then
  redis.call('HSET', head, 'first', first)
elseif started > 0 then
  live_as(head, tasks, ttl)
end
if newest == 0 or saved > 0 or removed > of_node then
  live_on({head, log, snapshot, tasks, memories}, memories, ttl)
end
if at[5] then tell_others(head, listener, 'commit ' .. id) end
if started > 0 or ended then redis.call('SPUBLISH', channel_of(head), 'tasks') end
if lets_go then pass_on(head, waiters, now, lease_ms) end
local answer = is_long and ${commitAnswer.storedAndLong} or ${commitAnswer.stored}
return at[4] and answer + ${wanted} or answer
`);
