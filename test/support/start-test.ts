import { createTestApp, type TestApp } from 'statewire/testing';
import { onTestFinished } from 'vitest';
import { createBuilder, type LabBuilder, type LabContext, type StoreFactory } from './lab.ts';

/** An app on its own clock; it ends with the test. */
export async function startTest(
  createStore: StoreFactory,
  define: (builder: LabBuilder) => void,
): Promise<TestApp<LabContext>> {
  const builder = createBuilder();
  define(builder);
  const test = createTestApp<LabContext>({
    schema: builder.toSchema(),
    store: await createStore(),
  });
  onTestFinished(() => test.close());
  return test;
}
