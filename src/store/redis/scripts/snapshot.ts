import { Script } from '../script.ts';
import { logLimit } from './commit.ts';
import { entryIds } from './parts.ts';

/**
 * Adds a field to a snapshot that is being written. Keys: the snapshot. Arguments:
 * field, text, for how many ms it stays if it is never finished.
 */
export const writeChunkScript = new Script(`#!lua
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/**
 * Puts a snapshot that was written beside the stored one, but for its last chunk, in
 * its place, if it is newer and of the history that is there, and drops the log before
 * it. Keys: head, log, snapshot, the new one. Arguments: version, id, its bytes, its
 * header, how many chunks it has, the last of them.
 * Answers 1, or 0 if it was dropped.
 */
export const replaceSnapshotScript = new Script(`#!lua
${entryIds}
local head, log, snapshot, fresh = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local version, id = tonumber(ARGV[1]), ARGV[2]
local stored = tonumber(redis.call('HGET', head, 'snapshotVersion') or 0) or 0
local entry = redis.call('XRANGE', log, ARGV[1] .. '-0', ARGV[1] .. '-0')[1]
local its_id, total
if entry then its_id, total = id_of(entry) end
if its_id ~= id or stored >= version or redis.call('HLEN', fresh) ~= ARGV[5] - 1 then
  redis.call('UNLINK', fresh)
  redis.call('HDEL', head, 'snapshotUntil')
  return 0
end
redis.call('HSET', fresh, '0', ARGV[4], ARGV[5], ARGV[6])
redis.call('RENAME', fresh, snapshot)
local untilTime = redis.call('PEXPIRETIME', head)
if untilTime > 0 then redis.call('PEXPIREAT', snapshot, untilTime) else redis.call('PERSIST', snapshot) end
-- Of a large state the log may be as large.
redis.call('HSET', head, 'snapshotVersion', version,
  'longVersion', version + math.max(${logLimit.entries}, math.floor(ARGV[3] / 300)),
  'longTotal', total + math.max(${logLimit.bytes}, ARGV[3]))
redis.call('HDEL', head, 'snapshotUntil')
-- The entry of the snapshot itself stays: who has come as far as it goes on from there.
redis.call('XTRIM', log, 'MINID', ARGV[1] .. '-0')
return 1
`);
