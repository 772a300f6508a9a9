import type { Model } from '@sparrow/model';
import { printProgram } from '../generate.ts';
import { type Prediction, predictProgram } from '../predict.ts';
import { designer } from '../program/design.ts';
import type { Way } from '../program/ways.ts';
import type { GeneratedSources } from '../sources.ts';

/** What descriptions of ways say of which there are few: the later, the fewer. */
const RARE = ['sparse', 'sparse_x4', 'sparse_pairs', 'sparse_pairs_long', 'by sign', 'values in registers'];

/**
 * Computes each layer in any of the ways that the generator knows for it, instead of the cheapest: tests see tiles, encodings and
 * loops that would be chosen for other shapes only. `random`: uniform in [0, 1).
 */
export function generateAnyWay(
  model: Model,
  random: () => number,
): { readonly sources: GeneratedSources; readonly prediction: Prediction } {
  const program = designer(model)((ways) => {
    // There are fewer of these, yet they are to be seen as often.
    const among = RARE.reduce<readonly Way[]>((chosen, kind) => {
      const rare = ways.filter(({ printed }) => printed.description.includes(kind));
      return rare.length > 0 && random() < 0.5 ? rare : chosen;
    }, ways);
    return among[Math.floor(random() * among.length)];
  });
  return { sources: printProgram(model, program), prediction: predictProgram(model, program) };
}
