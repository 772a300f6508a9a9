import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './toolchain.ts';

/** docs/uno.md tells newcomers what errors mean: each of them has to be one that we say. */

const sources = ['hil', 'search'].flatMap((name) => {
  const folder = join(workspaceRoot, 'packages', name, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /(?<!\.test)\.ts$/.test(file)).map((file) => readFileSync(join(folder, file), 'utf8'));
});

/** Whether a string of the sources has the parts of `complaint`, in this order; … is what differs from one time to another. */
function isSaid(complaint: string): boolean {
  const parts = complaint.split('…').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(parts.join('[^\\n]*'));
  return sources.some((source) => pattern.test(source));
}

const guide = readFileSync(join(workspaceRoot, 'docs/uno.md'), 'utf8');
const table = guide.slice(guide.indexOf('## What the errors mean'), guide.indexOf('## How it is flashed'));
const complaints = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, complaint]) => complaint),
);

test.each(complaints)('%s', (complaint) => {
  expect(isSaid(complaint)).toBe(true);
});

test('and what is never said is not found', () => {
  expect(complaints.length).toBeGreaterThan(12);
  expect(isSaid('the board … is made of cheese')).toBe(false);
});
