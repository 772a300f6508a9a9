import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './targets.ts';

/** ARCHITECTURE.md says who may import whom; lint enforces it import by import, package.json declares it. */

const packages = readdirSync(join(workspaceRoot, 'packages'));

/** Rows `| `packages/x` | … | a, b |` of the table of packages. */
function allowedImports(): Map<string, string[]> {
  const text = readFileSync(join(workspaceRoot, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `packages\/(\w+)` *\|[^|]*\|([^|]*)\|$/gm)];
  return new Map(rows.map(([, name, cell]): [string, string[]] => [name, cell.match(/\w+/g) ?? []]));
}

function sourcesOf(name: string): string[] {
  const folder = join(workspaceRoot, 'packages', name, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(folder, file), 'utf8'));
}

test('the table has a row for every package', () => {
  expect([...allowedImports().keys()].sort()).toEqual([...packages].sort());
});

test.each(packages)('%s declares what it imports, and nothing that it may not', (name) => {
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(workspaceRoot, 'packages', name, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string> };
  const declared = Object.keys(dependencies).flatMap((dependency) => /^@sparrow\/(\w+)$/.exec(dependency)?.[1] ?? []);
  expect(declared.filter((dependency) => !allowedImports().get(name)?.includes(dependency))).toEqual([]);
  const imported = sourcesOf(name).flatMap((text) => [...text.matchAll(/from '@sparrow\/(\w+)/g)].map(([, to]) => to));
  expect([...new Set(imported)].filter((to) => !declared.includes(to))).toEqual([]);
});
