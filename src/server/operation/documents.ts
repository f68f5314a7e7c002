import { type DocumentNode, GraphQLError } from 'graphql';
import { RecentMap } from '../../tokens/recent-map.ts';

/** How a text becomes a document, and what is wrong with one. */
export interface DocumentReader {
  /** @throws GraphQLError */
  parse(text: string): DocumentNode;
  validate(document: DocumentNode): readonly GraphQLError[];
}

/** A document that can be executed, or what is wrong with it. */
export type ReadDocument = DocumentNode | readonly GraphQLError[];

/** So many texts, at least, are known of those that were sent lately. */
const kept = 512;

/** Documents by their text, parsed and validated once. Those that nobody has sent for longest are forgotten. */
export class Documents {
  readonly #reader: DocumentReader;
  readonly #known = new RecentMap<string, ReadDocument>(kept);

  constructor(reader: DocumentReader) {
    this.#reader = reader;
  }

  read(text: string): ReadDocument {
    const known = this.#known.get(text);
    if (known) return known;
    const read = this.#read(text);
    this.#known.set(text, read);
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
