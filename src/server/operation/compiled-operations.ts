import type { DocumentNode, GraphQLSchema } from 'graphql';
import { type CompiledOperation, compileOperation } from '../execution/compile-operation.ts';

/** The operations of a schema, compiled once for each document, for as long as the document is known. */
export class CompiledOperations {
  readonly #schema: GraphQLSchema;
  readonly #known = new WeakMap<DocumentNode, Map<string, CompiledOperation | null>>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** Null for one that has to be executed as it is. */
  of(document: DocumentNode, name: string | null | undefined): CompiledOperation | null {
    let byName = this.#known.get(document);
    if (!byName) {
      byName = new Map();
      this.#known.set(document, byName);
    }
    const known = byName.get(name ?? '');
    if (known !== undefined) return known;
    const compiled = compileOperation(this.#schema, document, name);
    byName.set(name ?? '', compiled);
    return compiled;
  }
}
