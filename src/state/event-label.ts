import type { EventDefinition } from './definitions.ts';

/** How an event is named in messages and to clients: `MyTask.toggleRunning`. */
export function eventLabel({ state, name }: Pick<EventDefinition, 'state' | 'name'>): string {
  return `${state.name}.${name}`;
}
