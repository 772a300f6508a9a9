export {
  defaultRecipe,
  phasesFor,
  prunesChannels,
  type Augmentation,
  type Phases,
  type Pruning,
  type Recipe,
} from './recipe.ts';
export * from './train.ts';
