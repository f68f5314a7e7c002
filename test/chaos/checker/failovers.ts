import type { Failover, Operation } from '../history.ts';

/** The failovers that may have taken back what was acknowledged to this operation. */
export function takenBackBy(
  { sentAt, outcome }: Operation,
  failovers: readonly Failover[],
): readonly Failover[] {
  if (outcome.kind !== 'acknowledged' && outcome.kind !== 'started') return [];
  return failovers.filter(({ syncedAt, killedAt }) => outcome.at >= syncedAt && sentAt <= killedAt);
}

/** Whether what was seen then may be of a history that a failover took back. */
export function mayBeTakenBack(at: number, failovers: readonly Failover[]): boolean {
  return failovers.some(({ syncedAt }) => syncedAt <= at);
}

/** Whether a failover ended after this time. */
export function anySince(at: number, failovers: readonly Failover[]): boolean {
  return failovers.some(({ killedAt }) => killedAt >= at);
}
