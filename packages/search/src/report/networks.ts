import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { slice, type Dataset, type Split } from '@sparrow/datasets';
import type { Measurement } from '@sparrow/hil';
import { decodeModel, MODEL_FILE_NAME, readModel } from '@sparrow/model';
import type { Answers, Picture, ReportedNetwork } from '@sparrow/report';
import { rankForGoal, unoGoals, type Goal } from '../goals.ts';
import type { RunFolder } from '../run-folder.ts';
import type { Limits } from '../space/limits.ts';
import { latestOfEachLineage, ratingOf, type NetworkTrial } from '../trials.ts';
import { readEvidence, type Evidence } from './evidence.ts';
import { layersOf } from './layers.ts';

/** Folders of finished networks, the recommended one first. */
export function finishedFolders(folder: RunFolder, goals: readonly Goal[]): string[] {
  const names = new Set([...goals, ...unoGoals].map(({ name }) => name));
  const paths = new Set([folder.bestPath, ...[...names].map((name) => folder.goalPath(name))]);
  return [...paths].filter((path) => existsSync(join(path, 'measurement.json')));
}

const known = new Map<string, { readonly version: number; readonly network: ReportedNetwork }>();

/** A network that was proven on the chip. What was read once is kept until it is written again. */
export function finishedNetwork(path: string, dataset: Dataset): ReportedNetwork {
  const version = Math.max(...['measurement.json', 'evidence.json'].map((name) => modifiedAt(join(path, name))));
  const before = known.get(path);
  if (before?.version === version) return before.network;
  const network = readFinished(path, dataset);
  known.set(path, { version, network });
  return network;
}

const modifiedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function readFinished(path: string, dataset: Dataset): ReportedNetwork {
  const model = readModel(join(path, MODEL_FILE_NAME));
  const measurement = JSON.parse(readFileSync(join(path, 'measurement.json'), 'utf8')) as Measurement;
  const evidence = readEvidence(path);
  const { flashBytes, modelBytes, ramBytes, milliseconds, macs, cycles } = measurement;
  return {
    name: evidence?.goal.name ?? basename(path),
    reason: evidence?.reason ?? '',
    folder: path,
    cost: { ramBytes: ramBytes.total, flashBytes, parameterBytes: modelBytes, milliseconds, macs },
    cycles: cycles.mean,
    verification: { ...measurement, staticRamBytes: ramBytes.static, stackBytes: ramBytes.stack },
    layers: layersOf(model, evidence?.cycles),
    layersAreMeasured: evidence !== undefined,
    ...(evidence === undefined ? {} : { answers: answersOf(evidence, dataset) }),
  };
}

const candidates = new WeakMap<NetworkTrial, ReportedNetwork>();

/** The best trial so far for a goal, as it stands; undefined if there is none yet. */
export function bestCandidate(
  folder: RunFolder,
  trials: readonly NetworkTrial[],
  goal: Goal,
  limits: Limits,
): ReportedNetwork | undefined {
  const [trial] = rankForGoal(goal, limits, latestOfEachLineage(trials), ratingOf);
  if (trial === undefined || !existsSync(folder.modelPath(trial.id))) return undefined;
  const candidate = candidates.get(trial) ?? candidateOf(folder, trial, goal);
  candidates.set(trial, candidate);
  return candidate;
}

function candidateOf(folder: RunFolder, trial: NetworkTrial, goal: Goal): ReportedNetwork {
  const model = decodeModel(folder.readModel(trial.id), folder.modelPath(trial.id));
  const { error, cost } = ratingOf(trial);
  const { modelBytes: parameterBytes, ...costs } = cost;
  return {
    name: goal.name,
    reason: `trial ${trial.id}, trained on rung ${trial.rung}`,
    cost: { ...costs, parameterBytes },
    cycles: cost.cycles,
    validationError: error,
    layers: layersOf(model),
    layersAreMeasured: false,
  };
}

function answersOf({ answers, mistakes }: Evidence, { test, classes, classNames, ...size }: Dataset): Answers {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  answers.forEach((answer, index) => confusion[test.labels[index]][answer]++);
  return {
    classNames,
    confusion,
    mistakes: mistakes.map(({ index, logits }) => ({
      index,
      logits,
      label: test.labels[index],
      answer: answers[index],
      picture: pictureOf(test, index, size),
    })),
  };
}

type Size = Pick<Dataset, 'height' | 'width' | 'channels'>;

/** Images of other than one or three channels are shown by their first. */
function pictureOf(split: Split, index: number, { height, width, channels }: Size): Picture {
  const { images } = slice(split, index, index + 1);
  if (channels === 1 || channels === 3) return { height, width, channels, pixels: images };
  return { height, width, channels: 1, pixels: images.filter((_, position) => position % channels === 0) };
}
