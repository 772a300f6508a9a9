import type { Architecture } from '@sparrow/model';
import { isWeighted } from '@sparrow/model';
import { layerOf } from './engine.comparisons.ts';
import { ARITHMETICS, BATCH_SIZE, networksByLayer, spots, STEP } from './engine.fixtures.ts';
import type { Arithmetic, Engine } from './engine.ts';
import { isLastLayer } from './quantization/index.ts';

/**
 * Of the distance between two gradients, over the gradient's length. What remains is float32's rounding; only an addition in `integer`
 * arithmetic has multipliers that are rounded (`foldAdd`), by which one engine scales its gradients and the other does not.
 */
function toleranceOf({ layers }: Architecture, arithmetic: Arithmetic): number {
  return arithmetic === 'integer' && layers.some(({ kind }) => kind === 'add') ? 1e-2 : 1e-4;
}

/** Two engines give the same gradients from the same weights, layer kind by layer kind. */
export function gradientAgreement(engine: Engine, oracle: Engine): void {
  describe.each(Object.entries(networksByLayer))(
    `gradients of ${engine.name} and ${oracle.name}: %s`,
    (_, architecture) => {
      test.each([...ARITHMETICS, 'quantized, steps learned'] as const)('%s', async (what) => {
        const learnsSteps = what === 'quantized, steps learned';
        const arithmetic = learnsSteps ? 'quantized' : what;
        const networks = await Promise.all(
          [engine, oracle].map((one) => one.createNetwork(architecture, { batchSize: BATCH_SIZE, seed: 3 })),
        );
        const [tested, reference] = networks;
        for (let step = 0; step < 3; step++) reference.trainStep(spots(BATCH_SIZE, 300 + step), STEP);
        for (const network of networks) network.calibrate(spots(64, 2).images);
        if (learnsSteps) reference.trainStep(spots(BATCH_SIZE, 304), { ...STEP, arithmetic, learnsSteps });
        tested.writeWeights(reference.readWeights());
        for (const network of networks) network.calibrate(spots(64, 2).images);
        const tolerance = toleranceOf(architecture, arithmetic);
        const objective = { arithmetic, labelSmoothing: 0.1 };
        const [ours, theirs] = networks.map((network) => network.gradients(spots(BATCH_SIZE, 4), objective));
        expect(Math.abs(ours.loss / theirs.loss - 1)).toBeLessThan(1e-3);
        for (const layer of architecture.layers.filter(isWeighted)) {
          for (const parameter of ['kernel', 'gamma', 'beta', 'steps'] as const) {
            if (parameter === 'gamma' && isLastLayer(layer)) continue;
            const [a, b] = [ours, theirs].map(({ gradients }) => layerOf(gradients, layer.name)[parameter]);
            const distance = Math.hypot(...a.map((value, i) => value - b[i])) / (Math.hypot(...b) || 1);
            expect({ layer: layer.name, parameter, distance, agrees: distance < tolerance }).toMatchObject({
              agrees: true,
            });
          }
        }
        for (const network of networks) network.dispose();
      });
    },
  );
}
