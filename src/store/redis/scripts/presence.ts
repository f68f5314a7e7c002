import { Script } from '../script.ts';
import { livingAs, overMark } from './parts.ts';

/** Whether other nodes have subscribers of a state. */
const looking = `
local function has_others(present, state, node)
  local fields = redis.call('HKEYS', present)
  for i = 1, #fields do
    local is_its = string.sub(fields[i], 1, #state + 1) == state .. ' '
    if is_its and fields[i] ~= state .. ' ' .. node then return true end
  end
  return false
end
`;

/**
 * A node has subscribers of a state. Keys: present, head, over. Arguments: state,
 * node, ttlMs or nothing. Answers 1 if no other has, and 0 also if the node was taken
 * for gone: then it has none.
 */
export const enterScript = new Script(`#!lua
${looking}${livingAs}${overMark}
if is_over(KEYS[3], 'node ' .. ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], '')
live_as(KEYS[2], KEYS[1], ARGV[3])
return has_others(KEYS[1], ARGV[1], ARGV[2]) and 0 or 1
`);

/** A node has none any more. Keys: present. Arguments: state, node. Answers 1 if it had, and 1 if none has. */
export const leaveStateScript = new Script(`#!lua flags=allow-oom
${looking}
local removed = redis.call('HDEL', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
return {removed, has_others(KEYS[1], ARGV[1], ARGV[2]) and 0 or 1}
`);
