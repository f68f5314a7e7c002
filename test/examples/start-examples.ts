import { createTestApp, type TestApp } from 'statewire/testing';
import type { ExampleContext } from '../../examples/context.ts';
import { schema } from '../../examples/schema.ts';

/** The examples without a server; clients are those of customers unless told otherwise. */
export function startExamples({ dataUrl = '' } = {}): Omit<TestApp<ExampleContext>, 'client'> & {
  client(options?: { readonly staff: boolean }): ReturnType<TestApp<ExampleContext>['client']>;
} {
  const test: TestApp<ExampleContext> = createTestApp<ExampleContext>({
    schema,
    eventContext: () => ({ app: test.app, dataUrl, staff: true }),
  });
  return {
    ...test,
    client: ({ staff } = { staff: false }) =>
      test.client({ context: { app: test.app, dataUrl, staff } }),
  };
}
