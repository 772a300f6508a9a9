import { createInterpreter, preprocess } from '@sparrow/model';
import { ARITHMETICS, BATCH_SIZE, normalised, spots } from './engine.fixtures.ts';
import { tfjsEngine } from './tfjs/engine.ts';
import { wasmEngine } from './wasm/engine.ts';

test.each([wasmEngine, tfjsEngine])('engine $name preprocesses images, for gradients as for logits', async (engine) => {
  const raw = spots(BATCH_SIZE, 4, normalised.input);
  const images = preprocess(normalised, raw.images);
  const { preprocessing: _, ...plain } = normalised;
  const options = { batchSize: BATCH_SIZE, seed: 5 };
  const network = await engine.createNetwork(normalised, options);
  const other = await engine.createNetwork(plain, options);
  network.calibrate(raw.images);
  other.calibrate(images);
  for (const arithmetic of ARITHMETICS) {
    expect([...network.logits(raw.images, arithmetic)]).toEqual([...other.logits(images, arithmetic)]);
  }
  const objective = { arithmetic: 'float', labelSmoothing: 0 } as const;
  expect(network.gradients(raw, objective)).toEqual(other.gradients({ ...raw, images }, objective));
  const interpreter = createInterpreter(network.exportModel('model', {}));
  const first = raw.images.subarray(0, raw.images.length / BATCH_SIZE);
  expect([...network.logits(first, 'integer')]).toEqual([...interpreter.infer(first)]);
  network.dispose();
  other.dispose();
});
