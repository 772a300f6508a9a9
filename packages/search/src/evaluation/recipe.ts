import { defaultRecipe, type Augmentation, type Recipe } from '@sparrow/training';
import type { Configuration } from '../space/configuration.ts';
import type { Effort } from './job.ts';

/** How a candidate is trained: what its configuration says, for as long as the effort says. */
export function recipeOf({ training, pruning }: Configuration, { images, epochs }: Effort, prune: boolean): Recipe {
  return {
    ...defaultRecipe,
    epochs,
    images,
    learningRate: training.learningRate,
    weightDecay: training.weightDecay,
    labelSmoothing: training.labelSmoothing,
    augmentation: scaleAugmentation(training.augmentation),
    pruning: prune ? pruning : { kind: 'none' },
  };
}

/** 1 is the trainer's default. */
export function scaleAugmentation(strength: number): Augmentation {
  const { shiftPixels, rotateDegrees, scaleFraction } = defaultRecipe.augmentation;
  return {
    shiftPixels: shiftPixels * strength,
    rotateDegrees: rotateDegrees * strength,
    scaleFraction: scaleFraction * strength,
  };
}
