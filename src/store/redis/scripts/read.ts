import { Script } from '../script.ts';
import { entryIds } from './parts.ts';

/**
 * Reads at one moment what a copy is missing. Keys: head, log, snapshot. Arguments:
 * the version and the id that are known, 1 for who is told of commits from now on.
 * Answers the newest version, its id, the first id, and if there is more: the entries
 * with commas between, and if they do not follow what is known, the snapshot that
 * they do follow, as HGETALL has it.
 */
export const readScript = new Script(`#!lua flags=allow-oom
${entryIds}
local head, log, snapshot = KEYS[1], KEYS[2], KEYS[3]
local version, id = tonumber(ARGV[1]), ARGV[2]
local at = redis.call('HMGET', head, 'version', 'id', 'first', 'heard', 'holder')
if ARGV[3] == '1' and not at[4] and (at[1] or at[5]) then redis.call('HSET', head, 'heard', 1) end
local answer = {at[1] or '0', at[2] or '', at[3] or ''}
if (at[2] or '') == id then return answer end
-- Whatever is left of an earlier life.
if not at[1] then return {'0', '', '', '', {}} end

local function texts(stored, first)
  local list = {}
  for i = first, #stored do list[#list + 1] = stored[i][2][2] end
  return table.concat(list, ',')
end

if version > 0 and (tonumber(at[1]) or 0) > version then
  local later = redis.call('XRANGE', log, ARGV[1] .. '-0', '+')
  if later[1] and id_of(later[1]) == id then
    answer[4] = texts(later, 2)
    return answer
  end
end
local stored = redis.call('HGETALL', snapshot)
local from = redis.call('HGET', head, 'snapshotVersion')
-- The entry of the snapshot itself is still there.
answer[4] = texts(redis.call('XRANGE', log, from and '(' .. from .. '-0' or '-', '+'), 1)
answer[5] = stored
return answer
`);
