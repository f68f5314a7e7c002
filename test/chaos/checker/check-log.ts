import type { Position, TokenSnapshot } from '../../../src/state/snapshot.ts';
import type { Entry } from '../../../src/store/state-store.ts';
import { apply } from '../../../src/values/apply.ts';
import type { TokenHistory } from '../history.ts';
import { Report } from './report.ts';

type StoredLog = Pick<TokenHistory, 'base' | 'log'>;

interface CheckedLog {
  /** What it leads to, the text of version 1 first. */
  readonly texts: readonly string[];
  /** False if an entry is wrong: then they end before it. */
  readonly isRight: boolean;
}

/** The texts that a log leads to, as far as it is right. */
export function textsOf(stored: StoredLog): readonly string[] {
  return checkLog(stored, new Report('')).texts;
}

/** Follows the log from its snapshot on; the state has the texts of all commits before. */
export function checkLog({ base, log }: StoredLog, report: Report): CheckedLog {
  let texts = textsIn(base.states, base.version);
  if (!texts) {
    report.add('log', `the snapshot of version ${base.version} has other texts`);
    return { texts: [], isRight: false };
  }
  let { states } = base;
  let previous: Position = base;
  const firstId = base.firstId || log[0]?.id;
  for (const entry of log) {
    const place = `entry ${entry.version} (${entry.id})`;
    const wrong = linkFault(entry, { previous, firstId });
    if (wrong) {
      report.add('log', `${place} ${wrong}`);
      return { texts, isRight: false };
    }
    try {
      states = apply(states, entry.operations) as TokenSnapshot['states'];
    } catch (error) {
      report.add('log', `${place} does not apply: ${String(error)}`);
      return { texts, isRight: false };
    }
    const next = textsIn(states, entry.version);
    if (!next || texts.some((text, index) => next[index] !== text)) {
      report.add('log', `${place} leads to ${JSON.stringify(states['Cell']?.values).slice(-200)}`);
      return { texts, isRight: false };
    }
    texts = next;
    previous = entry;
  }
  return { texts, isRight: true };
}

/** How an entry does not follow the one before; null if it does. */
function linkFault(
  entry: Entry,
  { previous, firstId }: { readonly previous: Position; readonly firstId: string | undefined },
): string | null {
  if (entry.version !== previous.version + 1) return `follows version ${previous.version}`;
  if (entry.previousId !== previous.id) {
    return `says it follows ${entry.previousId}, it follows ${previous.id}`;
  }
  if (entry.firstId !== firstId) return `is of a history that begins with ${entry.firstId}`;
  return null;
}

/** One text for each version; null if there are more or fewer. */
function textsIn(states: TokenSnapshot['states'], version: number): readonly string[] | null {
  const { n, ops } = (states['Cell']?.values ?? emptyCell) as typeof emptyCell;
  return n === version && ops.length === version ? ops : null;
}

const emptyCell: { readonly n: number; readonly ops: readonly string[] } = { n: 0, ops: [] };
