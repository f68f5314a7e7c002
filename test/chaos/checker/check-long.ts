import type { LongHistory } from '../history.ts';
import { acknowledgedOf, checkConflicts, toSettled } from './check-operations.ts';
import { checkOrder } from './check-order.ts';
import { checkBehind, checkChain } from './check-subscribers.ts';
import { mayBeTakenBack, takenBackBy } from './failovers.ts';
import { Report } from './report.ts';

/** Somebody was told, or saw, that a version is this text. */
interface Claim {
  readonly version: number;
  readonly text: string;
  readonly at: number;
}

/** What can be known of a token without its whole log. */
export function checkLongToken(history: LongHistory): Report['violations'] {
  const { token, operations, subscribers, reads, failovers } = history;
  const report = new Report(token);
  const newest = Math.max(0, ...reads.map(({ version }) => version));
  for (const [index, observations] of subscribers.entries()) {
    const name = `subscriber ${index}`;
    checkChain(observations, { name, failovers }, report);
    checkBehind(observations, { name, version: newest }, report);
  }
  for (const [index, { version, n, ops }] of reads.entries()) {
    const isSame = version === newest && n === newest && `${ops}` === `${reads[0]?.ops}`;
    if (!isSame) report.add('read', `node ${index} has version ${version}, n ${n}, ${ops}`);
  }
  const acknowledged = acknowledgedOf(operations);
  const certain = acknowledged.filter(
    ({ operation }) => takenBackBy(operation, failovers).length === 0,
  );
  if (certain.length > newest) {
    report.add(
      'acknowledged',
      `${certain.length} were acknowledged, the last version is ${newest}`,
    );
  }
  const claims = claimsOf(history);
  checkClaims(claims, failovers, report);
  checkRefusedClaims(history, claims, report);
  checkConflicts(history, report);
  checkOrder(
    certain.map(toSettled),
    acknowledged.map(({ operation, version }) => ({
      ...{ name: operation.id, sentAt: operation.sentAt, version },
    })),
    report,
  );
  return report.violations;
}

function claimsOf({ operations, subscribers, reads }: LongHistory): Claim[] {
  const told = acknowledgedOf(operations).map(({ operation, at, version }) => ({
    ...{ text: operation.id, at, version },
  }));
  const seen = subscribers
    .flat()
    .flatMap(({ n, ops, at }) =>
      ops.map((text, index) => ({ text, at, version: n - ops.length + index + 1 })),
    );
  const read = reads.flatMap(({ n, ops }) =>
    ops.map((text, index) => ({
      ...{ text, at: Number.POSITIVE_INFINITY, version: n - ops.length + index + 1 },
    })),
  );
  return [...told, ...seen, ...read];
}

/** A version has one text, and a text one version, until a failover takes them back. */
function checkClaims(
  claims: readonly Claim[],
  failovers: LongHistory['failovers'],
  report: Report,
): void {
  const textOf = new Map<number, Claim>();
  const versionOf = new Map<string, Claim>();
  for (const claim of [...claims].sort((a, b) => a.at - b.at)) {
    const { version, text, at } = claim;
    const isCertain = !mayBeTakenBack(at, failovers);
    const before = textOf.get(version);
    if (before && before.text !== text && isCertain) {
      report.add('log', `version ${version} is ${before.text} at ${before.at}, ${text} at ${at}`);
    }
    const elsewhere = versionOf.get(text);
    if (elsewhere && elsewhere.version !== version && isCertain) {
      report.add('once', `${text} is at versions ${elsewhere.version} and ${version}`);
    }
    textOf.set(version, claim);
    versionOf.set(text, claim);
  }
}

/** What was refused may have been seen if a failover took it back before the answer. */
function checkRefusedClaims(
  { operations, failovers }: LongHistory,
  claims: readonly Claim[],
  report: Report,
): void {
  const isInTheEnd = ({ at }: Claim) => at === Number.POSITIVE_INFINITY;
  const seen = new Set(claims.map(({ text }) => text));
  const stayed = new Set(
    claims
      .filter((claim) => isInTheEnd(claim) || !mayBeTakenBack(claim.at, failovers))
      .map(({ text }) => text),
  );
  for (const { id, kind, outcome } of operations) {
    const isThere = kind === 'refuse' ? seen.has(id) : stayed.has(id);
    if (!isThere || (kind !== 'refuse' && outcome.kind !== 'refused')) continue;
    report.add('refused', `${id} was refused, and somebody saw it`);
  }
}
