import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { slice, type Dataset } from '@sparrow/datasets';
import { profileModel } from '@sparrow/hil';
import { createInterpreter, type Model } from '@sparrow/model';
import { describeGoal, type Goal } from '../goals.ts';
import { writeAtomically } from '../run-folder.ts';
import type { ReportedGoal } from '@sparrow/report';
import type { MeasuredCycles } from './layers.ts';

/**
 * What a report shows of a finished network beside its measurement: `evidence.json` in its folder, so that the report can be written
 * again without the chip.
 */
export interface Evidence {
  readonly goal: ReportedGoal;
  /** Why this network, in a sentence. */
  readonly reason: string;
  /** The class that the chip answered for each test image. */
  readonly answers: readonly number[];
  /** Images it was most wrong about, the worst first. */
  readonly mistakes: readonly { readonly index: number; readonly logits: readonly number[] }[];
  /** As the emulated chip took them for one image: layer → phase → cycles. */
  readonly cycles: MeasuredCycles;
}

const counts = z.array(z.int().min(0).max(255));
const evidenceSchema: z.ZodType<Evidence> = z.object({
  goal: z.object({
    name: z.string(),
    description: z.string(),
    ramBytes: z.number().optional(),
    flashBytes: z.number().optional(),
    milliseconds: z.number().optional(),
  }),
  reason: z.string(),
  answers: counts,
  mistakes: z.array(z.object({ index: z.int().min(0), logits: z.array(z.int()) })),
  cycles: z.record(z.string(), z.record(z.string(), z.number())),
});

/** How many mistakes are shown. */
const MISTAKES = 24;

export interface EvidenceOptions {
  readonly dataset: Dataset;
  readonly goal: Goal;
  readonly reason: string;
  /** What the chip answered, one a test image: `onPredictions` of `measureModel`. */
  readonly predictions: Uint8Array;
}

export const reportedGoal = ({ name, ramBytes, flashBytes, milliseconds, ...goal }: Goal): ReportedGoal => ({
  name,
  description: describeGoal({ name, ramBytes, flashBytes, milliseconds, ...goal }),
  ramBytes,
  flashBytes,
  milliseconds,
});

/** Measures layer by layer what the network takes on the emulated chip, and finds its worst mistakes. Takes seconds. */
export async function collectEvidence(model: Model, options: EvidenceOptions): Promise<Evidence> {
  const { dataset, goal, reason, predictions } = options;
  const profile = await profileModel(model, [slice(dataset.validation, 0, 1).images]);
  return {
    goal: reportedGoal(goal),
    reason,
    answers: [...predictions],
    mistakes: worstMistakes(model, dataset, predictions),
    cycles: Object.fromEntries(profile.layers.map(({ name, phases }) => [name, phases])),
  };
}

/** By how far the wrong answer's logit is ahead; the chip's logits are those of the interpreter, each was compared. */
function worstMistakes(model: Model, { test }: Dataset, predictions: Uint8Array): Evidence['mistakes'] {
  const interpreter = createInterpreter(model);
  const wrong = [...predictions.keys()].filter((index) => predictions[index] !== test.labels[index]);
  const judged = wrong.map((index) => {
    const logits = [...interpreter.infer(slice(test, index, index + 1).images)];
    return { index, logits, lead: logits[predictions[index]] - logits[test.labels[index]] };
  });
  judged.sort((a, b) => b.lead - a.lead || a.index - b.index);
  return judged.slice(0, MISTAKES).map(({ index, logits }) => ({ index, logits }));
}

const evidencePath = (folder: string): string => join(folder, 'evidence.json');

/** `folder`: the finished network's. */
export function writeEvidence(folder: string, evidence: Evidence): void {
  writeAtomically(evidencePath(folder), `${JSON.stringify(evidence)}\n`);
}

/**
 * Undefined if there is none: the network was finished by an older version.
 *
 * @throws Error in one line, if the file is damaged
 */
export function readEvidence(folder: string): Evidence | undefined {
  const path = evidencePath(folder);
  if (!existsSync(path)) return undefined;
  try {
    return evidenceSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Error(`${path} is damaged: delete it, and write the report with --measure`);
  }
}
