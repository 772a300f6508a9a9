import type { Batch } from './engine.ts';

/** Class probabilities to train towards, `[image][class]`: `(1 − s)·onehot + s/classes` (Szegedy et al. 2016, §7), or the batch's soft targets. */
export function classTargets(batch: Batch, classes: number, labelSmoothing: number): Float32Array {
  if (batch.softTargets) return batch.softTargets;
  const targets = new Float32Array(batch.labels.length * classes).fill(labelSmoothing / classes);
  batch.labels.forEach((label, image) => (targets[image * classes + label] += 1 - labelSmoothing));
  return targets;
}

/** Images whose largest logit is their label's; the first of equal ones counts. */
export function countCorrect(logits: ArrayLike<number>, labels: Uint8Array): number {
  const classes = logits.length / labels.length;
  let correct = 0;
  labels.forEach((label, image) => {
    if (largestClass(logits, image * classes, classes) === label) correct++;
  });
  return correct;
}

function largestClass(logits: ArrayLike<number>, offset: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if (logits[offset + k] > logits[offset + best]) best = k;
  return best;
}
