import type { Model } from '@sparrow/model';
import { printProgram } from '../generate.ts';
import { type Prediction, predictProgram } from '../predict.ts';
import { designer } from '../program/design.ts';
import type { GeneratedSources } from '../sources.ts';

/**
 * Computes each layer in any of the ways that the generator knows for it, instead of the cheapest: tests see tiles, encodings and
 * loops that would be chosen for other shapes only. `random`: uniform in [0, 1).
 */
export function generateAnyWay(
  model: Model,
  random: () => number,
): { readonly sources: GeneratedSources; readonly prediction: Prediction } {
  const program = designer(model)((ways) => {
    const sparse = ways.filter(({ printed }) => printed.description.includes('sparse'));
    // There are fewer of them, yet they are to be seen as often.
    const among = sparse.length > 0 && random() < 0.5 ? sparse : ways;
    return among[Math.floor(random() * among.length)];
  });
  return { sources: printProgram(model, program), prediction: predictProgram(model, program) };
}
