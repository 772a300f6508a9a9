import { predict, type PredictedLayer, type Prediction } from '@sparrow/codegen';
import { inferShapes, shapeSize, type Model, type WeightBits } from '@sparrow/model';
import { LAYERS, NETWORKS, OTHERS, type KernelCase } from './cases.ts';
import { typicalModel, type TypicalWeights } from '@sparrow/codegen';

export interface Variant extends TypicalWeights {
  readonly weightBits: WeightBits;
}

/** int8 and int4 with sums of either width, ternary; the same with 70 % zeros. */
export const VARIANTS: readonly Variant[] = [0, 0.7].flatMap((sparsity) => [
  { weightBits: 8, sumBits: 16, sparsity },
  { weightBits: 8, sumBits: 24, sparsity },
  { weightBits: 4, sumBits: 16, sparsity },
  { weightBits: 2, sumBits: 16, sparsity },
]);

const WEIGHTS = { 8: 'int8', 4: 'int4', 2: 'ternary' } as const;

export function variantName({ weightBits, sumBits, sparsity }: Variant): string {
  return `${WEIGHTS[weightBits]}, ${sumBits}-bit sums${sparsity > 0 ? `, ${100 * sparsity} % zeros` : ''}`;
}

/** Called with each model and what is predicted of it, before its numbers go into the table. */
export type Check = (model: Model, prediction: Prediction) => Promise<void>;

export interface KernelRow {
  readonly kernelCase: KernelCase;
  readonly variant: Variant;
  readonly layer: PredictedLayer;
}

function layerNamed(name: string, { layers }: Prediction): PredictedLayer {
  const layer = layers.find((candidate) => candidate.name === name);
  if (!layer) throw new Error(`no layer ${name}`);
  return layer;
}

export async function kernelRows(check: Check): Promise<KernelRow[]> {
  const rows: KernelRow[] = [];
  for (const kernelCase of LAYERS) {
    for (const variant of VARIANTS) {
      const model = typicalModel('kernel', kernelCase.architecture(variant.weightBits), variant);
      const prediction = predict(model);
      await check(model, prediction);
      rows.push({ kernelCase, variant, layer: layerNamed(kernelCase.layer, prediction) });
    }
  }
  return rows;
}

export interface OtherRow {
  readonly kernelCase: KernelCase;
  readonly layer: PredictedLayer;
  readonly outputs: number;
}

export async function otherRows(check: Check): Promise<OtherRow[]> {
  const rows: OtherRow[] = [];
  for (const kernelCase of OTHERS) {
    const model = typicalModel('kernel', kernelCase.architecture(8), { sumBits: 16, sparsity: 0 });
    const prediction = predict(model);
    await check(model, prediction);
    const index = model.architecture.layers.findIndex(({ name }) => name === kernelCase.layer);
    const outputs = shapeSize(inferShapes(model.architecture)[index + 1]);
    rows.push({ kernelCase, layer: layerNamed(kernelCase.layer, prediction), outputs });
  }
  return rows;
}

export interface NetworkRow {
  readonly name: string;
  readonly variant: Variant;
  readonly prediction: Prediction;
}

export async function networkRows(check: Check): Promise<NetworkRow[]> {
  const rows: NetworkRow[] = [];
  for (const { name, architecture } of NETWORKS) {
    for (const variant of VARIANTS) {
      const model = typicalModel(name, architecture(variant.weightBits), variant);
      const prediction = predict(model);
      await check(model, prediction);
      rows.push({ name, variant, prediction });
    }
  }
  return rows;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** docs/kernels.md, before Prettier aligns its tables. */
export async function kernelsDocument(check: Check): Promise<string> {
  const networks = (await networkRows(check)).map(({ name, variant, prediction }) => [
    name,
    variantName(variant),
    prediction.cyclesPerMac.toFixed(2),
    String(prediction.flashBytes),
    String(prediction.flashBytes - prediction.modelBytes),
    String(prediction.ramBytes.total),
    String(prediction.ramBytesBeyondBuffers),
    String(prediction.library.ramBytes - prediction.ramBytes.total + prediction.ramBytesBeyondBuffers),
  ]);
  const layers = (await kernelRows(check)).map(({ kernelCase, variant, layer }) => [
    kernelCase.kernel,
    kernelCase.shape,
    variantName(variant),
    (layer.cycles / layer.macs).toFixed(2),
    String(layer.codeBytes),
    String(layer.parameterBytes),
    layer.description.replace(/_(conv|depthwise|dense)1\b/, ''),
  ]);
  const others = (await otherRows(check)).map(({ kernelCase, layer, outputs }) => [
    kernelCase.kernel,
    kernelCase.shape,
    (layer.cycles / outputs).toFixed(1),
    String(layer.codeBytes),
  ]);
  return `# Kernels

Everything counted: requantisation, borders, pooling, loops. Not the serial line. \`npx nx run codegen:bench\` makes this page; each of
its networks is run on the emulated chip first, which has to take the cycles, flash and RAM that \`predict\` says. Cycles do not depend on
the image. Weights are drawn as training leaves them: those for 24-bit sums use all of their width, those for 16-bit sums are scaled until
16 bits are proven to hold every sum (docs/numerics.md §6).

## Networks

${table(['network', 'weights', 'cycles/MAC', 'flash B', 'without parameters', 'RAM B', 'beyond rows and sums', 'the same as a library'], networks)}

## Layers with weights

${table(['kernel', 'input → filters', 'weights', 'cycles/MAC', 'code B', 'parameters B', 'how'], layers)}

## Filters in orbits

Of filters that are mirrored or turned from one, flash has the first, with the orbit's bias and multiplier. Before a row of a filter is computed, its
weights are unfolded to RAM, transformed, a byte each: 7.6 cycles a weight for 16 channels of 4 bits, 9 % of the time of 3×3×16 → 16 on
rows of 14 pixels. The buffer takes kernel × channels bytes of what steps share. Filters are the outer loop, tiles the inner one.

## Normalised images

A network whose images are normalised (docs/numerics.md §8) keeps their rows, four pixels a byte, until the last one has come. Then it makes the rows of the
normalised image one by one, and runs what each makes possible, as if it had come. For 28×28 pixels that takes 196 B of RAM besides 9 B that
stay and 29 B of what steps share (the row that comes and the sums lie where other buffers are later), about 98 cycles a pixel, 4.8 ms, and about
2 KB of flash; ratios and square roots are taken digit by digit, so that time does not depend on the image. Nothing is computed while rows come: the
first layer's time is not hidden behind them.

## Layers without

${table(['kernel', 'input', 'cycles/output', 'code B'], others)}
`;
}
