import { choices, type Configuration } from './configuration.ts';

/** Factors of the filters, each a fifth more than the one before: from a third to three times as many. */
const WIDTHS = Array.from({ length: 13 }, (_, index) => 1.2 ** (index - 6));

/** The same network with as many filters as fit, `undefined` if even the narrowest does not. More filters are taken to cost more. */
export function widestThatFits(
  configuration: Configuration,
  fits: (configuration: Configuration) => boolean,
): Configuration | undefined {
  let [low, high] = [0, WIDTHS.length];
  let widest: Configuration | undefined;
  while (low < high) {
    const middle = (low + high) >> 1;
    const scaled = scaleFilters(configuration, WIDTHS[middle]);
    if (fits(scaled)) [low, widest] = [middle + 1, scaled];
    else high = middle;
  }
  return widest;
}

function scaleFilters(configuration: Configuration, factor: number): Configuration {
  const blocks = configuration.blocks.map((block) => ({ ...block, filters: nearestFilters(block.filters * factor) }));
  return { ...configuration, blocks };
}

/** The closest of the choices there are, by ratio. */
export function nearestFilters(filters: number): number {
  const distance = (choice: number): number => Math.abs(Math.log(choice / filters));
  return [...choices.filters].reduce((best, choice) => (distance(choice) < distance(best) ? choice : best));
}
