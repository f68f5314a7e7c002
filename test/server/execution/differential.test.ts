import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { executeByGraphQL, executorOf, expectSame } from './compare.ts';
import { type HandMadeContext, handMadeSchema } from './hand-made-schema.ts';
import { watchRejections } from './left-rejections.ts';
import { Random } from './random.ts';
import { randomOperation, randomVariables } from './random-document.ts';
import { numRuns } from './settings.ts';

describe('a compiled operation gives what graphql-js gives', () => {
  it('whatever resolvers, types and variables do', async () => {
    const left = watchRejections();
    const schema = handMadeSchema();
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0 }), async (seed) => {
        const random = new Random(seed);
        const kind = random.pick(['query', 'query', 'query', 'mutation', 'subscription'] as const);
        const operation = randomOperation(schema, kind, random);
        if (!operation) return;
        compared += 1;
        const compiled = executorOf(schema, operation.document);
        for (let run = 0; run < 3; run += 1) {
          const variableValues = randomVariables(random);
          const args = (trace: string[]) => ({
            variableValues,
            rootValue: { species: 'Cat' },
            contextValue: { seed: seed + run, trace } satisfies HandMadeContext,
          });
          const traces: [string[], string[]] = [[], []];
          await executeByGraphQL(schema, operation, args(traces[0]));
          await compiled.execute(args(traces[1]));
          // Some go on after what is null already.
          await setImmediate();
          expect(traces[1]).toEqual(traces[0]);
          await expectSame(schema, operation, { compiled, args: args([]) });
        }
      }),
      { numRuns },
    );
    expect(left).toEqual([]);
    expect(compared).toBeGreaterThan(numRuns / 4);
  });

  it('where a field fails in what is null already', async () => {
    const schema = buildSchema(`
      type Query { parent: Parent slow: Int }
      type Parent { first: Int! second: Int }
    `);
    const document = parse('{ parent { first second } slow }');
    const compiled = executorOf(schema, document);
    const wait = async (turns: number) => {
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    };
    const failing = (turns: number, message: string) => async () => {
      await wait(turns);
      throw new Error(message);
    };
    const rootValue = {
      parent: { first: failing(1, 'first'), second: failing(3, 'second') },
      slow: () => wait(6),
    };
    const args = { rootValue, contextValue: {}, variableValues: null };
    const result = await expectSame(schema, { document }, { compiled, args });
    expect(result.errors?.map(({ message }) => message)).toEqual(['first']);
  });
});
