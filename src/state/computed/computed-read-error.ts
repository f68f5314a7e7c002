/** Why a computed var could not be read by another. It follows from the states, and comes again as long as they are the same. */
export class ComputedReadError extends TypeError {
  static circle(label: string): ComputedReadError {
    return new ComputedReadError(
      `Expected no circle, got the computed var ${label}, which depends on itself.`,
    );
  }

  static failed(label: string): ComputedReadError {
    return new ComputedReadError(
      `Expected a value of the computed var ${label}, which has failed.`,
    );
  }
}
