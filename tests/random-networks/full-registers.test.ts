import { typicalModel } from '@sparrow/codegen';
import { generateAnyWay } from '@sparrow/codegen/testing';
import { buildFirmware, EMULATOR_BAUD_RATE, runOnEmulator } from '@sparrow/hil';
import { depthwiseConv2d, logits, sequential } from '@sparrow/model';
import { randomImage, seededRandom } from '@sparrow/model/testing';

const MOST_DRAWS = 1000;

/** In any way whose first layer is described so. */
function generateWay(model: Parameters<typeof generateAnyWay>[0], description: string) {
  for (let seed = 0; seed < MOST_DRAWS; seed++) {
    const { sources, prediction } = generateAnyWay(model, seededRandom(seed));
    if (prediction.layers[0].description.endsWith(description)) return sources;
  }
  throw new Error(`none of ${MOST_DRAWS} draws is ${description}`);
}

// With as many sums as that no register is left for the channel's offset: row pointers move from channel to channel themselves, by what is
// left of the way that pixels' displacements have taken.
test('a depthwise layer finds its next channel where groups begin in the middle of a byte', async () => {
  const architecture = sequential({ height: 7, width: 14, channels: 3 }, [
    depthwiseConv2d({ weightBits: 4, padding: 'valid' }),
    logits(3),
  ]);
  const model = typicalModel('depthwise', architecture, { sumBits: 16, sparsity: 0 });
  const sources = generateWay(model, '9 pixels × 1 filters, rows unrolled, displaced');
  const firmware = await buildFirmware(sources, { baudRate: EMULATOR_BAUD_RATE });
  const image = randomImage(architecture.input, seededRandom(1), 'noise');
  const { mismatchedLogits } = await runOnEmulator(firmware, model, image, 1, { jobs: 1 });
  expect(mismatchedLogits).toBe(0);
});
