import { generate, planModel, type GeneratedSources } from '@sparrow/codegen';
import type { Model } from '@sparrow/model';
import { buildFirmware, type BuildOptions, type Firmware } from './build.ts';
import { bytes, checkFlash } from './fit.ts';

export interface BuiltModel {
  readonly sources: GeneratedSources;
  readonly firmware: Firmware;
}

/**
 * Generates a model's C sources and builds the HIL program around them.
 *
 * @throws DoesNotFitError that names the largest buffer, if it needs more flash or static RAM than the chip has
 */
export async function buildModel(model: Model, options: Omit<BuildOptions, 'largestBuffer'> = {}): Promise<BuiltModel> {
  const sources = generate(model);
  checkFlash(sources.modelBytes, `its parameters, ${bytes(sources.modelBytes)} before any code`);
  const firmware = await buildFirmware(sources, { ...options, largestBuffer: describeLargestBuffer(model) });
  return { sources, firmware };
}

/** `conv2's ring, 3 rows × 28 × 16`: rings are named after the layer that fills them. */
export function describeLargestBuffer(model: Model): string {
  const { layers } = model.architecture;
  const plan = planModel(model);
  const rings = plan.rings.flatMap((ring) => {
    if (ring === undefined) return [];
    const owner = ring.tensor === 0 ? 'the input' : layers[ring.tensor - 1].name;
    return [{ bytes: ring.bytes, text: `${owner}'s ring, ${ring.rows} rows × ${ring.columns} × ${ring.channels}` }];
  });
  const sums = plan.accumulators.flatMap((buffer, step) => {
    if (buffer === undefined) return [];
    return [{ bytes: buffer.bytes, text: `${layers[plan.steps[step].layer].name}'s sums, ${buffer.bytes} B` }];
  });
  return [...rings, ...sums].reduce((most, buffer) => (buffer.bytes > most.bytes ? buffer : most)).text;
}
