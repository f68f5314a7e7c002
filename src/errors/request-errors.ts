import { StatewireError } from './statewire-error.ts';

/** The token is not one that this server accepts. One message for every reason. */
export class InvalidTokenError extends StatewireError {
  constructor() {
    super('INVALID_TOKEN', 'This token is not valid here. Get one from the mutation issueToken.');
  }
}

/** `since` is not a cursor that a subscription of this server gave out. */
export class InvalidCursorError extends StatewireError {
  constructor() {
    super(
      'INVALID_CURSOR',
      'Expected in since a cursor from an earlier diff of this token. Leave it out for a snapshot.',
    );
  }
}
