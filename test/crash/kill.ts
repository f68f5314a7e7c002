// Kills the demo under load: npm run crash -- --kills 50
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killLoop } from './kill-loop.ts';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' } } });
const folder = mkdtempSync(join(tmpdir(), 'statewire-crash-'));
try {
  const { violations, ...report } = await killLoop({
    dataDir: folder,
    kills: Number(values.kills),
  });
  console.table([{ ...report, violations: violations.length }]);
  for (const violation of violations) console.log(violation);
  process.exitCode = violations.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
