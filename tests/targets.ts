import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const workspaceRoot = join(import.meta.dirname, '..');

interface ProjectFile {
  readonly name: string;
  readonly targets: Readonly<Record<string, { readonly options: { readonly command: string } }>>;
}

/** Nx targets, `search:mnist` → the command that it runs in the workspace's root. */
export function targets(): Map<string, string> {
  const projects = readdirSync(join(workspaceRoot, 'packages')).map(
    (name) => JSON.parse(readFileSync(join(workspaceRoot, 'packages', name, 'project.json'), 'utf8')) as ProjectFile,
  );
  return new Map(
    projects.flatMap(({ name, targets }) =>
      Object.entries(targets).map(([target, { options }]): [string, string] => [`${name}:${target}`, options.command]),
    ),
  );
}
