import { ComputedVarError } from '../errors/index.ts';
import type { StateDefinition, StateReference } from '../state/definitions.ts';
import { requireEventCall } from '../state/event-reference.ts';
import { initialValues } from '../state/initial-state.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { stateId } from '../tokens/token-key.ts';
import { readOnly } from '../values/read-only.ts';
import type { LockDrafts } from './lock-drafts.ts';
import { StateFacade } from './state-facade.ts';
import type { TokenLock } from './token-lock.ts';

/** The state as a handler writes it inside a lock. */
export function openState(lock: TokenLock, definition: StateDefinition): MaybePromise<object> {
  return andThen(lock.drafts.open(definition), () => createStateDraft(lock, definition));
}

const none = () => undefined;

/** The same for a state that was opened, with more members if wanted. */
export function createStateDraft(
  lock: TokenLock,
  definition: StateDefinition,
  members: (name: string | symbol) => unknown = none,
): object {
  return new StateDraft(lock, definition, members).show();
}

class StateDraft extends StateFacade {
  readonly #lock: TokenLock;
  readonly #members: (name: string | symbol) => unknown;

  constructor(
    lock: TokenLock,
    definition: StateDefinition,
    members: (name: string | symbol) => unknown,
  ) {
    super(definition);
    this.#lock = lock;
    this.#members = members;
  }

  protected override readVar(name: string): unknown {
    this.#drafts.assertReadable();
    return this.#drafts.draft(this.definition).read(name);
  }

  protected override writeVar(name: string, value: unknown): void {
    this.#drafts.assertWritable();
    this.#drafts.draft(this.definition).write(name, value === undefined ? null : value);
  }

  get #drafts(): LockDrafts {
    return this.#lock.drafts;
  }

  /** From the values in the draft. An async one is as of the last commit. */
  protected override readComputed(name: string): unknown {
    this.#drafts.assertReadable();
    const result = this.#drafts.peekComputed(this.definition, name);
    if (!result || result.failed) throw new ComputedVarError(this.definition.name, name);
    return readOnly(result.value);
  }

  #reset(names: readonly string[]): void {
    this.#drafts.assertWritable();
    const defaults = initialValues(this.definition);
    for (const name of names) {
      if (Object.hasOwn(defaults, name)) continue;
      throw new TypeError(
        `Expected a var of ${this.definition.name} to reset, got ${JSON.stringify(name)}.`,
      );
    }
    for (const [name, value] of Object.entries(defaults)) {
      if (names.length === 0 || names.includes(name)) this.writeVar(name, value);
    }
  }

  protected override member(name: string | symbol): unknown {
    return lockMember(this.#lock, name) ?? this.#stateMember(name) ?? this.#members(name);
  }

  #stateMember(name: string | symbol): unknown {
    const lock = this.#lock;
    switch (name) {
      case 'id':
        return stateId(lock.room.key, this.definition.name);
      case 'version':
        lock.drafts.assertReadable();
        return lock.room.stateAt(lock.room.snapshot, this.definition)?.version;
      case 'reset':
        return (...names: string[]) => this.#reset(names);
      case 'parent': {
        const { parent } = this.definition;
        return parent ? createStateDraft(lock, parent) : undefined;
      }
      default:
        return undefined;
    }
  }
}

/** What every lock offers, with or without a state of its own. */
export function lockMember(lock: TokenLock, name: string | symbol): unknown {
  switch (name) {
    case 'token':
      return lock.room.key;
    case 'signal':
      return lock.signal;
    case 'flush':
      return () => lock.flush();
    case 'rollback':
      return () => lock.rollback();
    case 'trigger':
      return (reference: unknown) => lock.trigger(requireEventCall(reference));
    case 'getState':
      return async (reference: StateReference) => openState(lock, reference.definition);
    default:
      return undefined;
  }
}
