import { type DocumentNode, GraphQLError } from 'graphql';

/** How a text becomes a document, and what is wrong with one. */
export interface DocumentReader {
  /** @throws GraphQLError */
  parse(text: string): DocumentNode;
  validate(document: DocumentNode): readonly GraphQLError[];
}

/** A document that can be executed, or what is wrong with it. */
export type ReadDocument = DocumentNode | readonly GraphQLError[];

/** How many texts are among those that were sent lately. */
const maxRecent = 512;

/**
 * Documents by their text, parsed and validated once. Those that nobody has sent for longest
 * are forgotten, all at once: to keep them in order would cost more than to find one.
 */
export class Documents {
  readonly #reader: DocumentReader;
  #recent = new Map<string, ReadDocument>();
  /** Those that are forgotten next, unless they are sent again before. */
  #older = new Map<string, ReadDocument>();

  constructor(reader: DocumentReader) {
    this.#reader = reader;
  }

  read(text: string): ReadDocument {
    const known = this.#recent.get(text);
    if (known) return known;
    const read = this.#older.get(text) ?? this.#read(text);
    if (this.#recent.size >= maxRecent) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, read);
    return read;
  }

  #read(text: string): ReadDocument {
    try {
      const document = this.#reader.parse(text);
      const errors = this.#reader.validate(document);
      return errors.length > 0 ? errors : document;
    } catch (error) {
      return [error instanceof GraphQLError ? error : new GraphQLError('Unexpected error.')];
    }
  }
}
