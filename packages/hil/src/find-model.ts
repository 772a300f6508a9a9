import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_FILE_NAME } from '@sparrow/model';

/**
 * The model file that a person means: a file, a folder that holds one (as in the zoo), or a run's folder, whose `best/` it
 * is. Without `path` the newest run's best, else the zoo's most accurate for the dataset.
 *
 * @throws Error in one line, if there is none
 */
export function findModel(path: string | undefined, dataset: string, root: string): string {
  if (path === undefined) return findLatest(root) ?? findInZoo(join(root, 'zoo', dataset)) ?? nothingYet(dataset);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined) throw new Error(`${path}: there is no such file or folder`);
  if (!kind.isDirectory()) return path;
  const candidates = [join(path, MODEL_FILE_NAME), join(path, 'best', MODEL_FILE_NAME)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`${path}: has no ${MODEL_FILE_NAME} in it, nor in best/`);
  return found;
}

function findLatest(root: string): string | undefined {
  const models = subfolders(join(root, 'runs')).map((run) => join(run, 'best', MODEL_FILE_NAME));
  const dated = models.filter((model) => existsSync(model)).map((model) => ({ model, time: statSync(model).mtimeMs }));
  return dated.sort((a, b) => b.time - a.time)[0]?.model;
}

function findInZoo(zoo: string): string | undefined {
  const entries = subfolders(zoo).filter((folder) => existsSync(join(folder, MODEL_FILE_NAME)));
  const rated = entries.map((folder) => ({ folder, accuracy: readAccuracy(join(folder, 'measurement.json')) }));
  const best = rated.sort((a, b) => b.accuracy - a.accuracy)[0];
  return best === undefined ? undefined : join(best.folder, MODEL_FILE_NAME);
}

function readAccuracy(file: string): number {
  try {
    return Number((JSON.parse(readFileSync(file, 'utf8')) as { accuracy?: number }).accuracy ?? 0);
  } catch {
    return 0;
  }
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map((entry) => join(folder, entry.name));
}

function nothingYet(dataset: string): never {
  throw new Error(
    `there is no model yet: search one with \`nx run search:${dataset}\`, or name one with --model zoo/${dataset}/<name>`,
  );
}
