import type { Architecture } from '@sparrow/model';
import { defaultRecipe, phasesFor, type Augmentation, type Recipe } from '@sparrow/training';
import type { Configuration } from '../space/configuration.ts';
import type { Effort } from './job.ts';

/** How a candidate is trained: what its configuration says, for as long as the effort says. */
export function recipeOf(
  { training, pruning }: Configuration,
  architecture: Architecture,
  { images, epochs }: Effort,
  prune: boolean,
  dataset: string,
): Recipe {
  return {
    ...defaultRecipe,
    epochs,
    images,
    learningRate: training.learningRate,
    weightDecay: training.weightDecay,
    labelSmoothing: training.labelSmoothing,
    augmentation: augmentationFor(dataset, training.augmentation),
    pruning: prune ? pruning : { kind: 'none' },
    phases: phasesFor(architecture),
    learnsSteps: true,
  };
}

/** Digits are not what they were in a mirror; clothes, animals and vehicles are. */
const MIRRORED: readonly string[] = ['fashion-mnist', 'cifar10', 'cifar10-binary'];
/** Photographs are shifted as usual for them (He et al. 2016, §4.2); turned, they lose more than they show. */
const PHOTOGRAPHS: readonly string[] = ['cifar10', 'cifar10-binary'];
const photographs = { shiftPixels: 4, rotateDegrees: 4, scaleFraction: 0.1 } as const;

/** Of strength 1: the trainer's default, or what suits photographs. */
export function augmentationFor(dataset: string, strength: number): Augmentation {
  const full = PHOTOGRAPHS.includes(dataset) ? photographs : defaultRecipe.augmentation;
  return {
    shiftPixels: full.shiftPixels * strength,
    rotateDegrees: full.rotateDegrees * strength,
    scaleFraction: full.scaleFraction * strength,
    mirrors: MIRRORED.includes(dataset),
  };
}
