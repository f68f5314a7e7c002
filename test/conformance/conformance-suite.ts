import { describe } from 'vitest';
import type { StoreFactory } from '../support/lab.ts';
import { computedTests } from './computed.ts';
import { computedEdgeTests } from './computed-edges.ts';
import { deliveryTests } from './delivery.ts';
import { durableAttemptTests } from './durable-attempts.ts';
import { durableCancelTests } from './durable-cancel.ts';
import { durableCheckpointTests } from './durable-checkpoint.ts';
import { durableFollowUpTests } from './durable-follow-ups.ts';
import { durableRefusalTests } from './durable-refusal.ts';
import { durableRestartTests } from './durable-restart.ts';
import { durableStartTests } from './durable-start.ts';
import { durableStopTests } from './durable-stop.ts';
import { eventTests } from './events.ts';
import { expiryTests } from './expiry.ts';
import { immutabilityTests } from './immutability.ts';
import { lifecycleTests } from './lifecycle.ts';
import { loadTests } from './load.ts';
import { lockTests } from './locks.ts';
import { middlewareTests } from './middleware.ts';
import { refusalTests } from './refusals.ts';
import { regressionTests } from './regressions.ts';
import { type CreateRestartable, restartTests } from './restart.ts';
import { seedTests } from './seed.ts';
import { statesTests } from './states.ts';
import { storePortTests } from './store-port.ts';
import { storeTaskTests } from './store-tasks.ts';
import { structureTests } from './structure.ts';
import { taskCancelTests } from './task-cancel.ts';
import { taskChildrenTests } from './task-children.ts';
import { taskConcurrencyTests } from './task-concurrency.ts';
import { taskFailureTests } from './task-failures.ts';
import { taskLimitTests } from './task-limits.ts';
import { taskPolicyTests } from './task-policy.ts';
import { taskProgressTests } from './task-progress.ts';
import { taskStopTests } from './task-stop.ts';
import { taskSubscriptionTests } from './task-subscription.ts';
import { taskTests } from './tasks.ts';
import { valueTests } from './values.ts';

/**
 * The contract, as every store must keep it, over real sockets. A new store is one
 * file that calls this with what makes one, whose every call opens the same data;
 * `createDurable` makes one that soon takes a node for gone.
 */
export function conformanceSuite(
  name: string,
  createRestartable: CreateRestartable,
  createDurable = createRestartable,
): void {
  const createStore: StoreFactory = () => createRestartable()();
  const durable = name !== 'memory';
  describe(`on ${name}`, () => {
    seedTests(createStore);
    valueTests(createStore);
    structureTests(createStore);
    eventTests(createStore);
    computedTests(createStore);
    computedEdgeTests(createStore);
    lockTests(createStore);
    taskTests(createStore);
    taskCancelTests(createRestartable, name !== 'lmdb');
    taskFailureTests(createStore);
    taskStopTests(createRestartable);
    taskLimitTests(createStore, name === 'memory' ? 10_000 : 500);
    taskConcurrencyTests(createRestartable, name !== 'lmdb');
    taskPolicyTests(createRestartable, name !== 'lmdb');
    taskChildrenTests(createStore);
    taskProgressTests(createStore);
    taskSubscriptionTests(createRestartable, name !== 'lmdb');
    if (durable) {
      durableAttemptTests(createStore);
      durableCheckpointTests(createStore);
      durableCancelTests(createRestartable, name !== 'lmdb');
      durableRestartTests(createDurable);
      durableStartTests(createRestartable);
      durableStopTests(createDurable);
      durableFollowUpTests(createStore);
    } else durableRefusalTests(createStore);
    immutabilityTests(createStore);
    deliveryTests(createStore);
    statesTests(createStore);
    lifecycleTests(createStore);
    middlewareTests(createStore);
    refusalTests(createStore);
    loadTests(createStore);
    regressionTests(createStore);
    storePortTests(createStore);
    storeTaskTests(createStore);
    expiryTests(createStore);
    restartTests(createRestartable);
  });
}
