export { createTestApp, type TestApp, type TestAppOptions } from './create-test-app.ts';
export type { TestClient, TestSubscription, TypedDocument } from './test-client.ts';
export type { TestClock } from './test-clock.ts';
