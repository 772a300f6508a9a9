import { loadDataset } from '@sparrow/datasets';
import { referenceArchitecture } from '@sparrow/model';
import type { Arithmetic, Engine, StepOptions } from '../engine.ts';
import { tfjsEngine } from '../tfjs/engine.ts';
import { Batches } from '../trainer/batches.ts';
import { defaultRecipe } from '../trainer/recipe.ts';
import { wasmEngine } from '../wasm/engine.ts';

export const ENGINES: Readonly<Record<Engine['name'], Engine>> = { wasm: wasmEngine, tfjs: tfjsEngine };

export interface ThroughputTask {
  readonly engine: Engine['name'];
  readonly arithmetic: Arithmetic;
  /** Stops after the first step that ends later than this. */
  readonly seconds: number;
}

/**
 * Images a second of full training steps (forward, backward, update) on the reference network with batches of MNIST, in
 * one thread. Drawing and augmenting the batches is not in it. The first steps, which compile, are not timed.
 */
export async function measureThroughput({ engine, arithmetic, seconds }: ThroughputTask): Promise<number> {
  const { batchSize, augmentation } = defaultRecipe;
  const mnist = await loadDataset('mnist');
  const batches = new Batches(mnist.train, mnist, { batchSize, augmentation, seed: 1, images: 16 * batchSize });
  const epoch = [...batches.epoch(0)];
  const network = await ENGINES[engine].createNetwork(referenceArchitecture(), { batchSize, seed: 1 });
  network.calibrate(batches.calibrationImages(batchSize));
  const options: StepOptions = { ...defaultRecipe, arithmetic };
  const warmUp = engine === 'wasm' ? 8 : 1;
  for (let step = 0; step < warmUp; step++) network.trainStep(epoch[step], options);
  const start = performance.now();
  let steps = 0;
  do network.trainStep(epoch[steps++ % epoch.length], options);
  while (performance.now() - start < seconds * 1000);
  const imagesPerSecond = (steps * batchSize * 1000) / (performance.now() - start);
  network.dispose();
  return imagesPerSecond;
}
