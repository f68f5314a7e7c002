import { Script } from '../script.ts';

/**
 * Puts a snapshot that was written beside the stored one in its place, if it is
 * newer and of the history that is there, and drops the log before it.
 * Keys: head, log, snapshot, the new one. Arguments: version, id, its bytes, how many
 * chunks it has.
 * Answers 1, or 0 if it was dropped.
 */
export const replaceSnapshotScript = new Script(`#!lua
local head, log, snapshot, fresh = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local version, id = tonumber(ARGV[1]), ARGV[2]
local stored = tonumber(redis.call('HGET', head, 'snapshotVersion') or 0) or 0
local entry = redis.call('XRANGE', log, ARGV[1] .. '-0', ARGV[1] .. '-0')[1]
local its_id, total = string.match(entry and entry[2][2] or '', '^(%S+) %S* (%d+) ')
if its_id ~= id or stored >= version or redis.call('HLEN', fresh) ~= ARGV[4] + 1 then
  redis.call('UNLINK', fresh)
  redis.call('HDEL', head, 'snapshotUntil')
  return 0
end
redis.call('RENAME', fresh, snapshot)
local untilTime = redis.call('PEXPIRETIME', head)
if untilTime > 0 then redis.call('PEXPIREAT', snapshot, untilTime) else redis.call('PERSIST', snapshot) end
redis.call('HSET', head, 'snapshotVersion', version, 'snapshotBytes', ARGV[3], 'snapshotTotal', total)
redis.call('HDEL', head, 'snapshotUntil')
-- The entry of the snapshot itself stays: who has come as far as it goes on from there.
redis.call('XTRIM', log, 'MINID', ARGV[1] .. '-0')
return 1
`);
