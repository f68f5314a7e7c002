import { ImmutableStateError } from '../errors/index.ts';

/**
 * A Date as it is stored: a real Date that refuses every `set…`. A plain Date
 * inside a state could be changed in place, which no diff would see.
 */
export class StateDate extends Date {}

for (const name of Object.getOwnPropertyNames(Date.prototype)) {
  if (!name.startsWith('set')) continue;
  Object.defineProperty(StateDate.prototype, name, {
    value(): never {
      throw new ImmutableStateError(
        `call ${name}() on a Date of a state`,
        'a change in place would not be seen. Assign a new Date instead.',
      );
    },
  });
}
