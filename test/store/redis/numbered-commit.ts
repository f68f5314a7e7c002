import type { Position } from '../../../src/state/snapshot.ts';
import type { Commit, Lease } from '../../../src/store/state-store.ts';

/** The position of that commit; each has its number for an id. */
export function positionOf(version: number): Position {
  return { version, id: version === 0 ? '' : `${version}`, firstId: version === 0 ? '' : '1' };
}

/** Commits that number, after the one before it. */
export async function commitNumber(
  lease: Lease,
  version: number,
  {
    task = null,
    attempt,
    tasks = {},
  }: { task?: string | null; attempt?: number; tasks?: Partial<Commit['tasks']> } = {},
): Promise<void> {
  const position = positionOf(version);
  const state = { version, loaded: false, values: { n: version }, computed: {} };
  await lease.commit({
    entry: {
      ...position,
      previousId: positionOf(version - 1).id,
      operations: [['set', ['Cell'], state]],
      changed: { Cell: ['n'] },
    },
    after: { ...position, states: { Cell: state } },
    tasks: { started: [], ended: [], ...tasks },
    ...{ task, attempt },
    isLast: false,
  });
}
