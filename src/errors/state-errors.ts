import { StatewireError } from './statewire-error.ts';

const outsideLock =
  'state outside a lock is a read-only snapshot. Write it inside self.modifyState((s) => …).';

/** State was written outside a lock, or a value that cannot be changed in place. Nothing changed. */
export class ImmutableStateError extends StatewireError {
  constructor(what: string, reason: string = outsideLock) {
    super('IMMUTABLE_STATE', `Cannot ${what}: ${reason}`);
  }
}

/** A draft, or something read from it, was used after its lock had ended. Nothing changed. */
export class StateReleasedError extends StatewireError {
  constructor(owner: string) {
    super(
      'STATE_RELEASED',
      `This draft belonged to a lock of ${owner} that has ended. Read the state again, or open a new lock.`,
    );
  }
}

/** A value cannot be stored. The whole commit was refused; nothing was written. */
export class ValueNotStorableError extends StatewireError {
  /** Where the value was found, as `State.var[0].field`. */
  readonly path: string;

  constructor(path: string, reason: string) {
    super('VALUE_NOT_STORABLE', `Cannot store ${path}: ${reason}.`);
    this.path = path;
  }
}

/** `migrate` of a state threw, or made a value that does not fit. What is stored stays as it is. */
export class MigrationError extends StatewireError {
  constructor(state: string, options?: ErrorOptions) {
    super(
      'MIGRATION_FAILED',
      `The stored ${state} could not be migrated to its definition.`,
      options,
    );
  }
}

/** A computed var could not be evaluated at the last commit that changed its inputs. */
export class ComputedVarError extends StatewireError {
  constructor(state: string, name: string) {
    super('COMPUTED_VAR_FAILED', `The computed var ${state}.${name} could not be evaluated.`);
  }
}
