import type { EventDefinition, StateDefinition } from '../state/definitions.ts';
import type { Origin } from './origin.ts';
import type { TokenRoom } from './token-room.ts';

/** Something that happens when a token gets its first subscriber, on whatever node, and some time after its last one has gone. */
export interface PresenceHook {
  /** Under which it is counted in the store. */
  readonly name: string;
  /** How long the last subscriber may be away, in ms, before it counts as gone. */
  readonly graceMs: number;
  readonly onFirst: ((room: TokenRoom, origin: Origin) => void) | null;
  readonly onLast: ((room: TokenRoom) => void) | null;
}

/** What hooks need of the engine. */
export interface HookHost {
  /** Runs an event; nobody is told of its failure but `onError`. */
  run(event: EventDefinition, room: TokenRoom, origin: Origin | null): void;
  /** Cancels the token's tasks of a background event. */
  cancelAll(event: EventDefinition, room: TokenRoom): void;
}

/** What happens by itself in states of these definitions. */
export function presenceHooks(
  definitions: Iterable<StateDefinition>,
  host: HookHost,
): PresenceHook[] {
  return [...definitions].flatMap((definition) => [
    ...lifecycleHook(definition, host),
    ...taskHooks(definition, host),
  ]);
}

function lifecycleHook({ name, lifecycle }: StateDefinition, { run }: HookHost): PresenceHook[] {
  const { onConnect, onDisconnect, graceMs } = lifecycle;
  if (!onConnect && !onDisconnect) return [];
  const onFirst = onConnect
    ? (room: TokenRoom, origin: Origin) => run(onConnect, room, origin)
    : null;
  const onLast = onDisconnect ? (room: TokenRoom) => run(onDisconnect, room, null) : null;
  return [{ name, graceMs, onFirst, onLast }];
}

function taskHooks({ name, events }: StateDefinition, { cancelAll }: HookHost): PresenceHook[] {
  return [...events.values()].flatMap((event) => {
    const graceMs = event.policy.disconnectMs;
    if (graceMs === null) return [];
    const onLast = (room: TokenRoom) => cancelAll(event, room);
    return [{ name: `${name}.${event.name}`, graceMs, onFirst: null, onLast }];
  });
}
