import { planModel, predict } from '@sparrow/codegen';
import { isWeighted, type Model } from '@sparrow/model';
import { describeArchitecture, type ReportedLayer } from '@sparrow/report';

/** What a layer was measured to take, by its name. */
export type MeasuredCycles = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * A network layer by layer, in order of execution. Cycles are those of `measured` (by phase), where it is given; else the generator's
 * prediction.
 */
export function layersOf(model: Model, measured?: MeasuredCycles): ReportedLayer[] {
  const { layers } = model.architecture;
  const descriptions = describeArchitecture(model.architecture);
  const buffers = bufferBytes(model);
  return predict(model).layers.map((layer) => {
    const index = layers.findIndex(({ name }) => name === layer.name);
    const phases = measured?.[layer.name] ?? { ...layer.phases };
    return {
      name: layer.name,
      operation: `${descriptions[index].operation}${sparsity(model, index)}`,
      output: descriptions[index].output,
      implementation: layer.description,
      macs: layer.macs,
      cycles: Object.values(phases).reduce((sum, cycles) => sum + cycles, 0),
      phases,
      codeBytes: layer.codeBytes,
      parameterBytes: layer.parameterBytes,
      ramBytes: buffers[index],
    };
  });
}

/** ", 43 % zeros", where there are enough of them to matter. */
function sparsity({ architecture, parameters }: Model, index: number): string {
  const own = parameters[index];
  if (!isWeighted(architecture.layers[index]) || own.kind !== 'weighted') return '';
  const zeros = own.weights.reduce((count, weight) => count + (weight === 0 ? 1 : 0), 0) / own.weights.length;
  return zeros < 0.2 ? '' : `, ${Math.round(100 * zeros)} % zeros`;
}

/** Rows of each layer's output and its sums, by layer; tensor 0 is the image. */
function bufferBytes(model: Model): number[] {
  const { rings, accumulators, steps } = planModel(model);
  return model.architecture.layers.map((_, layer) => {
    const sums = steps.map((step, index) => (step.layer === layer ? (accumulators[index]?.bytes ?? 0) : 0));
    return (rings[layer + 1]?.bytes ?? 0) + sums.reduce((total, bytes) => total + bytes, 0);
  });
}
