// Adds up vitest's JSON reports: names each test that failed, since what it
// printed itself is far above by then, and ends with `N passed, N failed`.
// Exits with 1 if a test or one of the given number of steps failed, or a
// report is missing.
import { existsSync, readFileSync } from 'node:fs';

const [steps, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let missing = 0;
for (const report of reports) {
  if (!existsSync(report)) {
    missing += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests;
  for (const file of testResults) {
    // A file can fail as a whole, with a message of its own: when it is loaded, or in a hook.
    if (file.status === 'failed' && file.message)
      console.log(`failed: ${file.name}\n${file.message}`);
    for (const test of file.assertionResults) {
      if (test.status !== 'failed') continue;
      console.log(`failed: ${file.name}: ${test.fullName}\n${test.failureMessages.join('\n')}`);
    }
  }
}
// A step can fail without a test that failed: its failure counts as one then.
const ok = Number(steps) === 0 && failed === 0 && missing === 0;
if (!ok && failed === 0) failed = Math.max(Number(steps), missing, 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(ok ? 0 : 1);
