import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MODEL_FILE_NAME } from '@sparrow/model';

/** What a trial's folder calls its trained weights, beside the model. */
export const WEIGHTS_FILE_NAME = 'weights.bin';

/**
 * Where a study keeps what it makes:
 *
 *   runs/<study>/study.db              trials, measurements (SQLite)
 *   runs/<study>/report.html           all of it to look at, while it runs, too
 *   runs/<study>/trials/<id>/          model.sparrow, weights.bin of each complete trial
 *   runs/<study>/best/                 the finished network for the first goal, see `deliver.ts`
 *   runs/<study>/<goal>/               those for the other goals
 */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The study's name. */
  get name(): string {
    return basename(this.path);
  }

  get studyPath(): string {
    return join(this.path, 'study.db');
  }

  get exists(): boolean {
    return existsSync(this.studyPath);
  }

  get bestPath(): string {
    return join(this.path, 'best');
  }

  goalPath(goal: string): string {
    return join(this.path, goal);
  }

  trialPath(trialId: number): string {
    return join(this.path, 'trials', String(trialId));
  }

  modelPath(trialId: number): string {
    return join(this.trialPath(trialId), MODEL_FILE_NAME);
  }

  weightsPath(trialId: number): string {
    return join(this.trialPath(trialId), WEIGHTS_FILE_NAME);
  }

  readModel(trialId: number): Uint8Array {
    return readFileSync(this.modelPath(trialId));
  }

  readWeights(trialId: number): Uint8Array {
    return readFileSync(this.weightsPath(trialId));
  }

  /** Whole or not at all, also when the process is killed; call it before the trial is told. */
  saveTrial(trialId: number, files: { readonly model: Uint8Array; readonly weights: Uint8Array }): void {
    writeAtomically(this.modelPath(trialId), files.model);
    writeAtomically(this.weightsPath(trialId), files.weights);
  }
}

/** Writes beside the file, then renames. Makes the folder. */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}
