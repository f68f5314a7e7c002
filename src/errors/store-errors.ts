import { StatewireError } from './statewire-error.ts';

/**
 * The store has no room for a commit, or its disk refused it. Nothing of it was
 * written, and the token is as it was; the `cause` is the disk's own error.
 */
export class StoreWriteError extends StatewireError {
  constructor(options?: ErrorOptions) {
    super('STORE_WRITE_FAILED', 'The store could not write this; nothing was changed.', options);
  }
}

/** What is stored of a token is damaged. It is left as it is, for a backup to replace; other tokens are served. */
export class StoreCorruptedError extends StatewireError {
  constructor(what: string, options?: ErrorOptions) {
    super('STORE_CORRUPTED', `The stored state of this token is damaged: ${what}.`, options);
  }
}

/** A copy of the store could not be made; nothing is left of it. */
export class StoreBackupError extends StatewireError {
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super('STORE_BACKUP_FAILED', `Cannot copy the store to ${path}: ${reason}.`, options);
  }
}

/** The store cannot be used at all. For whoever starts the server: the message names the place. */
export class StoreOpenError extends StatewireError {
  constructor(place: string, reason: string, options?: ErrorOptions) {
    super('STORE_OPEN_FAILED', `Cannot open the store at ${place}: ${reason}.`, options);
  }
}

/** The store does not answer, or cannot now. Nothing was changed; the `cause` is what was tried last. */
export class StoreUnavailableError extends StatewireError {
  constructor(options?: ErrorOptions) {
    super('STORE_UNAVAILABLE', 'The store does not answer now. Send the request again.', options);
  }
}

/** The store did not answer to a commit in time: whether it has it is not known. */
export class StoreOutcomeError extends StatewireError {
  constructor(options?: ErrorOptions) {
    super(
      'STORE_OUTCOME_UNKNOWN',
      'The store did not answer: whether this was stored is not known. Read the state before you send it again.',
      options,
    );
  }
}
