import { type GraphQLError, parse } from 'graphql';
import { expect, it } from 'vitest';
import { Documents } from '../../../src/server/operation/documents.ts';

function counted() {
  const texts: string[] = [];
  const documents = new Documents({
    parse(text) {
      texts.push(text);
      return parse(text);
    },
    validate: () => [] as readonly GraphQLError[],
  });
  return { documents, texts };
}

const textOf = (index: number) => `{ field${index} }`;

it('a document is parsed once, however many others come, as long as it is sent now and then', () => {
  const { documents, texts } = counted();
  const often = documents.read('{ often }');
  for (let index = 0; index < 5_000; index += 1) {
    documents.read(textOf(index));
    if (index % 100 === 0) expect(documents.read('{ often }')).toBe(often);
  }
  expect(texts.filter((text) => text === '{ often }')).toHaveLength(1);
});

it('one that nobody sends any more is forgotten', () => {
  const { documents, texts } = counted();
  documents.read('{ once }');
  for (let index = 0; index < 1_100; index += 1) documents.read(textOf(index));
  documents.read('{ once }');
  expect(texts.filter((text) => text === '{ once }')).toHaveLength(2);
});

it('what is wrong with one is known too', () => {
  const { documents, texts } = counted();
  const errors = documents.read('{');
  expect(errors).toMatchObject([{ message: expect.stringContaining('Syntax Error') }]);
  expect(documents.read('{')).toBe(errors);
  expect(texts).toHaveLength(1);
});
