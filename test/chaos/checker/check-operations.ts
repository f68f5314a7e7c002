import type { Operation, TokenHistory } from '../history.ts';
import { checkOrder, type Sent, type Settled } from './check-order.ts';
import { mayBeTakenBack, takenBackBy } from './failovers.ts';
import type { Report } from './report.ts';
import { parseText, type Text } from './text.ts';

interface Acknowledged {
  readonly operation: Operation;
  readonly at: number;
  readonly version: number;
}

/** Holds what clients were told against the texts of the log. */
export function checkOperations(
  { operations, failovers }: TokenHistory,
  texts: readonly string[],
  report: Report,
): void {
  const parsed = texts.map(parseText);
  const survivors: Acknowledged[] = [];
  const lost: Acknowledged[] = [];
  for (const acknowledged of acknowledgedOf(operations)) {
    const { operation, version } = acknowledged;
    const found = texts[version - 1];
    if (found === operation.id) {
      survivors.push(acknowledged);
    } else if (texts.includes(operation.id) || takenBackBy(operation, failovers).length === 0) {
      const places = placesOf(operation.id, texts);
      report.add(
        'acknowledged',
        `${operation.id}, acknowledged as version ${version}, is at ${places || 'no version'}; there is ${found ?? 'nothing'}`,
      );
    } else {
      lost.push(acknowledged);
    }
  }
  checkSuffix({ survivors, lost, failovers }, report);
  checkRefused(operations, parsed, report);
  checkOnce(texts, report);
  checkPhantoms(operations, parsed, report);
  checkConflicts({ operations, failovers }, report);
  checkOrder(survivors.map(toSettled), sentOf(operations, parsed), report);
}

export function acknowledgedOf(operations: readonly Operation[]): Acknowledged[] {
  return operations.flatMap((operation) => {
    const { outcome } = operation;
    if (outcome.kind !== 'acknowledged') return [];
    return [{ operation, at: outcome.at, version: outcome.version }];
  });
}

export function toSettled({ operation, at, version }: Acknowledged): Settled {
  return { name: operation.id, at, version };
}

export function checkConflicts(
  { operations, failovers }: Pick<TokenHistory, 'operations' | 'failovers'>,
  report: Report,
): void {
  for (const { id, outcome } of operations) {
    if (outcome.kind !== 'refused' || outcome.code !== 'CONFLICT') continue;
    if (!mayBeTakenBack(outcome.at, failovers)) {
      report.add('conflict', `${id} was refused as a conflict at ${outcome.at}`);
    }
  }
}

function checkSuffix(
  {
    survivors,
    lost,
    failovers,
  }: {
    readonly survivors: readonly Acknowledged[];
    readonly lost: readonly Acknowledged[];
  } & Pick<TokenHistory, 'failovers'>,
  report: Report,
): void {
  for (const gone of lost) {
    // Whichever of them took it: what was acknowledged before the first of them ended is of the same history.
    const endedAt = Math.min(
      ...takenBackBy(gone.operation, failovers).map(({ killedAt }) => killedAt),
    );
    const later = survivors.find(({ at, version }) => at < endedAt && version > gone.version);
    if (later) {
      report.add(
        'suffix',
        `${gone.operation.id} (version ${gone.version}) is lost, ${later.operation.id} (version ${later.version}) is not`,
      );
    }
  }
}

function checkRefused(
  operations: readonly Operation[],
  parsed: readonly Text[],
  report: Report,
): void {
  const done = new Set(parsed.flatMap((text) => (text.kind === 'exit' ? [] : [text.op])));
  for (const { id, kind, outcome } of operations) {
    if (kind === 'refuse' && outcome.kind === 'acknowledged') {
      report.add('refused', `${id} throws, and was acknowledged`);
    }
    if (kind !== 'refuse' && outcome.kind !== 'refused') continue;
    if (!done.has(id)) continue;
    const why = outcome.kind === 'refused' ? outcome.code : 'it throws';
    report.add('refused', `${id} is in the log, and was refused (${why})`);
  }
}

function checkOnce(texts: readonly string[], report: Report): void {
  for (const text of new Set(texts)) {
    const places = placesOf(text, texts);
    if (places.includes(',')) report.add('once', `${text} is at versions ${places}`);
  }
}

function checkPhantoms(
  operations: readonly Operation[],
  parsed: readonly Text[],
  report: Report,
): void {
  const known = new Map(operations.map((operation) => [operation.id, operation]));
  const tasks = new Set(operations.flatMap(taskOf));
  for (const text of parsed) if (text.kind === 'step') tasks.add(text.taskId);
  let strangers = 0;
  for (const text of parsed) {
    if (text.kind === 'exit') {
      if (!tasks.has(text.taskId)) strangers += 1;
      continue;
    }
    const operation = known.get(text.op);
    const kind = text.kind === 'step' ? 'work' : 'append';
    if (!operation || (operation.kind !== 'refuse' && operation.kind !== kind)) {
      report.add('phantom', `nobody sent ${text.op} as ${kind}`);
    } else if (text.kind === 'step' && taskOf(operation).some((id) => id !== text.taskId)) {
      report.add('phantom', `${text.op} is the task ${taskOf(operation)}, not ${text.taskId}`);
    }
  }
  // Tasks whose id no client was told, and that ended before their first step.
  const unknown = operations.filter(
    ({ kind, outcome }) => kind === 'work' && outcome.kind === 'unknown',
  );
  if (strangers > unknown.length) {
    report.add('phantom', `${strangers} exits of tasks that nobody started`);
  }
}

export function taskOf({ outcome }: Operation): string[] {
  return outcome.kind === 'started' ? [outcome.taskId] : [];
}

function sentOf(operations: readonly Operation[], parsed: readonly Text[]): Sent[] {
  const sentAt = new Map(operations.map((operation) => [operation.id, operation.sentAt]));
  return parsed.flatMap((text, index) => {
    const at = text.kind === 'exit' ? undefined : sentAt.get(text.op);
    if (text.kind === 'exit' || at === undefined) return [];
    return [{ name: text.op, sentAt: at, version: index + 1 }];
  });
}

function placesOf(text: string, texts: readonly string[]): string {
  return texts.flatMap((other, index) => (other === text ? [index + 1] : [])).join(', ');
}
