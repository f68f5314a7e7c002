import type { TokenHistory, Violation } from '../history.ts';
import { checkLog } from './check-log.ts';
import { checkOperations } from './check-operations.ts';
import { checkBehind, checkChain, checkFold, foldDifference } from './check-subscribers.ts';
import { checkTasks } from './check-tasks.ts';
import { Report } from './report.ts';

/** What is wrong with the history of a token whose state keeps every text. */
export function checkToken(history: TokenHistory): readonly Violation[] {
  const { token, subscribers, reads, failovers } = history;
  const report = new Report(token);
  const { texts, isRight } = checkLog(history, report);
  for (const [index, observations] of subscribers.entries()) {
    const name = `subscriber ${index}`;
    checkChain(observations, { name, failovers }, report);
    // Without a log there is nothing to hold the rest against.
    if (!isRight) continue;
    checkFold(observations, { name, texts, failovers }, report);
    checkBehind(observations, { name, version: texts.length }, report);
  }
  if (!isRight) return report.violations;
  checkOperations(history, texts, report);
  checkTasks(history, texts, report);
  for (const [index, read] of reads.entries()) {
    const difference =
      read.version === texts.length ? foldDifference(read, texts) : `it ends at ${texts.length}`;
    if (difference) report.add('read', `node ${index} has version ${read.version}, ${difference}`);
  }
  return report.violations;
}
