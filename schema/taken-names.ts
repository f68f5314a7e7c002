import type { SchemaTypes } from '@pothos/core';
import { camelCase, isGraphQLName } from './names.ts';

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>;

const ownTypes = ['State', 'StateDiff', 'TokenDiff', 'Task', 'TaskError', 'TaskStatus'];
const rootTypes = ['Query', 'Mutation', 'Subscription'];
const ownFields = ['states', 'task', 'tasks'];
const ownMutations = ['issueToken', 'cancelTask'];

/** Which names of a schema are in use by statewire, and by what. */
export class TakenNames {
  readonly #types = new Map<string, string>();
  readonly #fields = new Map<string, string>();
  readonly #mutations = new Map<string, string>();

  constructor() {
    for (const name of ownTypes) this.#types.set(name, 'a type of statewire');
    for (const name of rootTypes) this.#types.set(name, 'a root type');
    for (const name of ownFields) this.#fields.set(name, 'a field of statewire');
    for (const name of ownMutations) this.#mutations.set(name, 'a field of statewire');
  }

  /** Takes the names of a state's types and fields; or takes none, and says what to do. */
  takeState(name: string, { configStore }: Builder): string | null {
    const advice = `Expected another state name than ${name}`;
    if (!isGraphQLName(name)) return `${advice}: it is a type of the schema.`;
    if (this.#types.get(name) === stateTypes(name)) {
      return `Expected a new state name, got ${name} a second time.`;
    }
    for (const type of typeNames(name)) {
      const other = this.#types.get(type) ?? (configStore.typeConfigs.has(type) && 'a type');
      if (other) return `${advice}: ${type} is ${other} already.`;
    }
    const field = camelCase(name);
    const other = this.#fields.get(field);
    if (other) return `${advice}: the query and subscription "${field}" is ${other} already.`;
    for (const type of typeNames(name)) this.#types.set(type, stateTypes(name));
    this.#fields.set(field, `that of the state ${name}`);
    return null;
  }

  /** Takes the name of an event's mutation; or says what to do. */
  takeMutation(field: string, event: string): string | null {
    if (!isGraphQLName(field)) {
      return `Expected another name for the event ${event}: its mutation would be "${field}".`;
    }
    const other = this.#mutations.get(field);
    if (other) {
      return `Expected another mutation than "${field}" for ${event}: it is ${other} already. Set the option fieldName.`;
    }
    this.#mutations.set(field, `that of ${event}`);
    return null;
  }
}

function typeNames(state: string): string[] {
  return ['', 'Var', 'Delta', 'Diff', 'EventResult'].map((suffix) => state + suffix);
}

function stateTypes(name: string): string {
  return `a type of the state ${name}`;
}
