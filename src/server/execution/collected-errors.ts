import type { GraphQLError, ResponsePath } from 'graphql';

type Position = ResponsePath | undefined;

/** The errors of an execution, without those at places that an earlier one has made null. */
export class CollectedErrors {
  readonly list: GraphQLError[] = [];
  readonly #positions = new Set<Position>();

  add(error: GraphQLError, path: Position): void {
    if (this.list.length > 0 && this.#isNulled(path)) return;
    this.#positions.add(path);
    this.list.push(error);
  }

  #isNulled(path: Position): boolean {
    for (let at = path; at; at = at.prev) if (this.#positions.has(at)) return true;
    return this.#positions.has(undefined);
  }
}
