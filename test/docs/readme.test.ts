import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the quick start of the README is the program that the package test runs', () => {
  const readme = readFileSync('README.md', 'utf8');
  const program = readFileSync('test/package/quick-start.ts', 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``);
});
