import { defaultRecipe, type Augmentation, type Recipe } from '@sparrow/training';
import type { Configuration } from '../space/configuration.ts';
import type { Effort } from './job.ts';

/** How a candidate is trained: what its configuration says, for as long as the effort says. */
export function recipeOf(
  { training, pruning }: Configuration,
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
  };
}

/** Digits are not what they were in a mirror; clothes, animals and vehicles are. */
const MIRRORED: readonly string[] = ['fashion-mnist', 'cifar10', 'cifar10-binary'];

/** Of strength 1: the trainer's default. */
export function augmentationFor(dataset: string, strength: number): Augmentation {
  const { shiftPixels, rotateDegrees, scaleFraction } = defaultRecipe.augmentation;
  return {
    shiftPixels: shiftPixels * strength,
    rotateDegrees: rotateDegrees * strength,
    scaleFraction: scaleFraction * strength,
    mirrors: MIRRORED.includes(dataset),
  };
}
