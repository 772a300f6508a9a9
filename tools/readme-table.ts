/**
 * Writes the result table of README.md from the measurements in zoo/.
 *   npx tsx tools/readme-table.ts           writes it
 *   npx tsx tools/readme-table.ts --check   fails unless it is there as it would be written
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { readZoo } from './zoo/entries.ts';
import { resultTable, withResults } from './zoo/result-table.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'README.md');
const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values;

const before = readFileSync(file, 'utf8');
const style = await resolveConfig(file);
const after = await format(withResults(before, resultTable(readZoo(root))), { ...style, parser: 'markdown' });
if (!check) {
  writeFileSync(file, after);
} else if (before === after) {
  console.log('README.md shows what was measured');
} else {
  console.error('README.md does not show what was measured: run `npx tsx tools/readme-table.ts`, and commit it');
  process.exitCode = 1;
}
