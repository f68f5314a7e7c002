import { Script } from '../script.ts';
import { leavingMark, livingAs } from './parts.ts';

/** How many nodes have subscribers of a state. */
const counting = `
local function count(present, state)
  local fields = redis.call('HKEYS', present)
  local nodes = 0
  for i = 1, #fields do
    if string.sub(fields[i], 1, #state + 1) == state .. ' ' then nodes = nodes + 1 end
  end
  return nodes
end
`;

/**
 * A node has subscribers of a state. Keys: present, head, gone. Arguments: state,
 * node, ttlMs or nothing. Answers 1 if none had, and 0 also if the node was taken for
 * gone: then it has none.
 */
export const enterScript = new Script(`#!lua
${counting}${livingAs}
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
local before = count(KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], '')
live_as(KEYS[2], KEYS[1], ARGV[3])
return before == 0 and 1 or 0
`);

/** A node has none any more. Keys: present. Arguments: state, node. Answers 1 if none has. */
export const leaveStateScript = new Script(`#!lua flags=allow-oom
${counting}
redis.call('HDEL', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
return count(KEYS[1], ARGV[1]) == 0 and 1 or 0
`);

/** Takes the presence of one node over for another. Keys: present, gone. Arguments: the one that is gone, the other. Answers the states. */
export const takePresenceScript = new Script(`#!lua flags=allow-oom
${leavingMark}
mark_as_gone(KEYS[2])
local fields = redis.call('HKEYS', KEYS[1])
local ending = ' ' .. ARGV[1]
local states = {}
for i = 1, #fields do
  if string.sub(fields[i], -#ending) == ending then
    local state = string.sub(fields[i], 1, -#ending - 1)
    redis.call('HDEL', KEYS[1], fields[i])
    redis.call('HSET', KEYS[1], state .. ' ' .. ARGV[2], '')
    states[#states + 1] = state
  end
end
return states
`);
