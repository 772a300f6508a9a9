import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { targets, workspaceRoot } from './targets.ts';

/** What the documents tell people to type and to open is there. */

const documents = [
  ...readdirSync(join(workspaceRoot, 'packages'))
    .map((name) => join('packages', name, 'README.md'))
    .filter((path) => existsSync(join(workspaceRoot, path))),
  ...readdirSync(workspaceRoot).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(workspaceRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const textOf = (document: string): string => readFileSync(join(workspaceRoot, document), 'utf8');
const matches = (pattern: RegExp): string[] =>
  documents.flatMap((document) => [...textOf(document).matchAll(pattern)].map((match) => match[1]));

test.each(documents)('%s names files that are there', (document) => {
  const text = textOf(document);
  const quoted = [...text.matchAll(/`((?:packages|firmware|tools|tests|docs|\.ci)\/[\w./-]+)`/g)].map(
    ([, path]) => path,
  );
  const linked = [...text.matchAll(/\]\((?!https?:)([\w./-]+)\)/g)].map(([, path]) => join(document, '..', path));
  const missing = [...quoted, ...linked].filter((path) => !existsSync(join(workspaceRoot, path)));
  expect(missing).toEqual([]);
});

test('commands are Nx targets, npm scripts and files that are there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const known = targets();
  expect(matches(/\bnx run ([\w-]+:[\w-]+)/g).filter((target) => !known.has(target))).toEqual([]);
  expect(matches(/\bnpm run ([\w:-]+)/g).filter((script) => !(script in scripts))).toEqual([]);
  const files = matches(/\b(?:tsx|node) ((?:tools|packages)\/[\w./-]+)/g);
  expect(files.filter((file) => !existsSync(join(workspaceRoot, file)))).toEqual([]);
});

test.each([...targets()])('%s runs a file that is there', (_, command) => {
  expect(existsSync(join(workspaceRoot, command.split(' ')[1]))).toBe(true);
});

test('ARCHITECTURE.md names every Nx target', () => {
  const commands = textOf('ARCHITECTURE.md');
  expect([...targets().keys()].filter((target) => !commands.includes(`nx run ${target}\``))).toEqual([]);
});

test('flags of commands are those that the commands have', async () => {
  const helps = new Map<string, string>();
  for (const [target, command] of targets()) {
    const usages = matches(new RegExp(`\\bnx run ${target} (--[^\`\\n]*)`, 'g')).join(' ');
    if (usages === '') continue;
    const [, file] = command.split(' ');
    const help = helps.get(file) ?? (await helpOf(file));
    helps.set(file, help);
    const unknown = [...usages.matchAll(/--[a-z][\w-]*/g)].map(([flag]) => flag).filter((flag) => !help.includes(flag));
    expect({ target, unknown }).toEqual({ target, unknown: [] });
  }
});

async function helpOf(file: string): Promise<string> {
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', file, '--help'], { cwd: workspaceRoot });
  return stdout;
}
