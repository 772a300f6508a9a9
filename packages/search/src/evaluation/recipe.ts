import { defaultRecipe, type Recipe } from '@sparrow/training';
import type { Configuration } from '../space/configuration.ts';
import type { Effort } from './job.ts';

/** How a candidate is trained: what its configuration says, for as long as the effort says. */
export function recipeOf({ training, pruning }: Configuration, { images, epochs }: Effort, prune: boolean): Recipe {
  const { shiftPixels, rotateDegrees, scaleFraction } = defaultRecipe.augmentation;
  return {
    ...defaultRecipe,
    epochs,
    images,
    learningRate: training.learningRate,
    weightDecay: training.weightDecay,
    labelSmoothing: training.labelSmoothing,
    augmentation: {
      shiftPixels: shiftPixels * training.augmentation,
      rotateDegrees: rotateDegrees * training.augmentation,
      scaleFraction: scaleFraction * training.augmentation,
    },
    pruning: prune ? pruning : { kind: 'none' },
  };
}
