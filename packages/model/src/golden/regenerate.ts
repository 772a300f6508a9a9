/**
 * Writes the golden vectors: `npx tsx packages/model/src/golden/regenerate.ts`. The logits come from the naive second
 * formulation of docs/numerics.md, not from the interpreter. Run it only when the numerics or the file format change on
 * purpose; everyone who implements them is held to these files.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LayerKind, WeightBits } from '../architecture.ts';
import { writeModel } from '../file/storage.ts';
import { IMAGE_MODES, naiveInfer, randomImage, randomModel, seededRandom } from '../testing/index.ts';
import type { GoldenModel } from './golden.ts';

interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly require: readonly LayerKind[];
  readonly weightBits?: readonly WeightBits[];
  readonly preprocessed?: boolean;
}

const RECIPES: readonly Recipe[] = [
  { name: 'convolution', seed: 1, require: ['conv2d', 'maxPool'], weightBits: [8] },
  { name: 'int4', seed: 2, require: ['conv2d', 'averagePool'], weightBits: [4] },
  { name: 'ternary', seed: 3, require: ['conv2d', 'dense'], weightBits: [2] },
  { name: 'depthwise', seed: 4, require: ['depthwiseConv2d', 'conv2d', 'maxPool'] },
  { name: 'residual', seed: 5, require: ['add', 'conv2d', 'averagePool'] },
  { name: 'pooled', seed: 6, require: ['globalAveragePool', 'conv2d', 'dense'] },
  { name: 'normalised', seed: 7, require: ['conv2d'], preprocessed: true },
];

const limits = { maxMacs: 10_000, maxParameters: 600, maxLayers: 5 };
const models = RECIPES.map(({ name, seed, ...options }): GoldenModel => {
  const model = { ...randomModel(seed, { ...limits, ...options }), name };
  const file = `${name}.sparrow`;
  writeModel(fileURLToPath(new URL(file, import.meta.url)), model);
  const random = seededRandom(seed);
  const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
  const vectors = images.map((image) => ({
    image: Buffer.from(image).toString('base64'),
    logits: naiveInfer(model, image).map(Number),
  }));
  return { file, vectors };
});
writeFileSync(new URL('vectors.json', import.meta.url), `${JSON.stringify(models, null, 1)}\n`);
