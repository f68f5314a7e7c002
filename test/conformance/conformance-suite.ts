import { describe } from 'vitest';
import type { StoreFactory } from '../support/lab.ts';
import { computedTests } from './computed.ts';
import { deliveryTests } from './delivery.ts';
import { eventTests } from './events.ts';
import { immutabilityTests } from './immutability.ts';
import { loadTests } from './load.ts';
import { lockTests } from './locks.ts';
import { refusalTests } from './refusals.ts';
import { regressionTests } from './regressions.ts';
import { seedTests } from './seed.ts';
import { taskTests } from './tasks.ts';

/** The contract, as every store must keep it, over real sockets. A new store is one file that calls this. */
export function conformanceSuite(name: string, createStore: StoreFactory): void {
  describe(`on ${name}`, () => {
    seedTests(createStore);
    eventTests(createStore);
    computedTests(createStore);
    lockTests(createStore);
    taskTests(createStore);
    immutabilityTests(createStore);
    deliveryTests(createStore);
    refusalTests(createStore);
    loadTests(createStore);
    regressionTests(createStore);
  });
}
