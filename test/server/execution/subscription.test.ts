import * as fc from 'fast-check';
import { type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { OperationArgs } from '../../../src/server/execution/compile-operation.ts';
import { Boards } from './board-schema.ts';
import { executorOf, expectSame, freezeDeeply } from './compare.ts';
import { Random } from './random.ts';
import { editBoard, randomBoard } from './random-board.ts';
import { randomOperation, randomVariables } from './random-document.ts';
import { numRuns } from './settings.ts';

const boards = new Boards();
const { schema } = boards;

describe('the results of a subscription, each made with the one before', () => {
  it('are those that graphql-js makes afresh, and stay as they are', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0 }), async (seed) => {
        const random = new Random(seed);
        const operation = randomOperation(schema, 'subscription', random);
        if (!operation) return;
        const compiled = executorOf(schema, operation.document);
        compared += 1;
        const variableValues = randomVariables(random);
        const contextValue = { staff: random.once(2) };
        let values = randomBoard(random);
        let previous: ExecutionResult | null = null;
        for (let event = 0; event < 5; event += 1) {
          const args: OperationArgs = {
            rootValue: rootOf(operation.text),
            contextValue,
            variableValues,
            previous,
          };
          previous = freezeDeeply(await expectSame(schema, operation, { compiled, args }));
          values = editBoard(values, random);
        }
        function rootOf(text: string) {
          if (text.includes('states')) return boards.tokenDiff(values);
          const state = ['Guarded', 'Checked'].find((name) => text.includes(name.toLowerCase()));
          return boards.diff(values, { state });
        }
      }),
      { numRuns: numRuns / 2 },
    );
    expect(compared).toBeGreaterThan(numRuns / 8);
  });

  it('are the same for a document with everything in it', async () => {
    const document = parse(`subscription {
      board(token: "T") {
        version since reset changed cursor
        delta { title cards { id } columns { name } }
        state {
          __typename id version title count mood total broken best { id owner { name } } owner { name }
          cards { id title label points tags due owner { name } }
          columns { name secret cards { id tags } grid titles late { id } weird { label } }
          first { __typename ... on BoardError { message } ... on BoardFirstSuccess { data { id } } }
        }
      }
    }`);
    const compiled = executorOf(schema, document);
    const random = new Random(1);
    let values = randomBoard(random);
    let previous: ExecutionResult | null = null;
    for (let event = 0; event < 50; event += 1) {
      const rootValue = boards.diff(values);
      const args: OperationArgs = {
        rootValue,
        contextValue: { staff: true },
        variableValues: null,
        previous,
      };
      previous = freezeDeeply(await expectSame(schema, { document }, { compiled, args }));
      values = editBoard(values, random);
    }
  });
});
