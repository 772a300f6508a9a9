import { countMacs, hasNarrowMultipliers, type LayerSpec, type Model } from '@sparrow/model';
import { denseEncodingsFor } from './encodings/index.ts';
import { designProgram } from './program/design.ts';
import { type AvrProgram, printAvr, staticBytes } from './program/avr.ts';
import { printHeader, printPortable } from './program/portable.ts';
import { READ_BYTE_FLOAT } from './requantization.ts';
import type { Generate, GeneratedSources } from './sources.ts';

/** Model → C and assembly; a pure function. Throws a `ModelError` if the model's architecture is not valid. */
export const generate: Generate = (model) => printProgram(model, designProgram(model));

export function printProgram(model: Model, program: AvrProgram): GeneratedSources {
  const { plan, steps } = program;
  return {
    files: new Map([
      ['network.h', printHeader(model, plan)],
      ['network.c', printPortable({ ...program, helpers: helpersFor(model.architecture.layers) })],
      ['kernels.S', printAvr(program)],
    ]),
    modelBytes: steps.reduce((sum, { printed }) => sum + printed.parameterBytes, 0),
    bufferBytes: staticBytes(program),
    macs: countMacs(model.architecture).total,
  };
}

function helpersFor(layers: readonly LayerSpec[]): string[] {
  const helpers = layers.flatMap((layer) => [
    ...('weightBits' in layer ? denseEncodingsFor(layer.weightBits).map((encoding) => encoding.helpers) : []),
    ...(hasNarrowMultipliers(layer) ? [READ_BYTE_FLOAT] : []),
  ]);
  return [...new Set(helpers)];
}
