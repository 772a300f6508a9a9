import type { Architecture } from '@sparrow/model';
import { shapeSize } from '@sparrow/model';
import { IMAGE_MODES, pick, randomArchitecture, randomImage, seededRandom } from '@sparrow/model/testing';
import type { RandomArchitectureOptions } from '@sparrow/model/testing';
import type { Batch, Network, Weights } from '../engine.ts';
import { Random } from '../random.ts';

/** Architectures, images and weights for the tests of this folder. */

export function classesOf({ layers }: Architecture): number {
  const last = layers[layers.length - 1];
  return last.kind === 'dense' ? last.units : 0;
}

export function drawArchitecture(seed: number, options: RandomArchitectureOptions = {}): Architecture {
  return randomArchitecture(seededRandom(seed), options);
}

/** Images of all kinds, one after the other. */
export function drawImages({ input }: Architecture, count: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const images = new Uint8Array(count * shapeSize(input));
  for (let i = 0; i < count; i++) {
    images.set(randomImage(input, random, pick(random, IMAGE_MODES)), i * shapeSize(input));
  }
  return images;
}

export function drawBatch(architecture: Architecture, count: number, seed: number): Batch {
  const random = new Random(seed);
  const classes = classesOf(architecture);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(random.next() * classes));
  return { images: drawImages(architecture, count, seed), labels };
}

/** Gammas of either sign, betas, running statistics, a share of pruned weights. */
export function scatterWeights(network: Network, seed: number, pruned = 0): void {
  const random = new Random(seed);
  const weights: Weights = network.readWeights();
  for (const layer of weights.values()) {
    layer.gamma.forEach((_, i) => (layer.gamma[i] = random.next() < 0.2 ? -random.next() : 0.5 + random.next()));
    layer.beta.forEach((_, i) => (layer.beta[i] = random.symmetric(0.5)));
    layer.runningMean.forEach((_, i) => (layer.runningMean[i] = random.symmetric(0.3)));
    layer.runningVariance.forEach((_, i) => (layer.runningVariance[i] = 0.05 + random.next()));
    layer.mask.forEach((_, i) => (layer.mask[i] = random.next() < pruned ? 0 : 1));
  }
  network.writeWeights(weights);
}
