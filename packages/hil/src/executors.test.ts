import { randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { createAvr8jsDevice } from './avr8js-device.ts';
import { EMULATOR_BAUD_RATE } from './build.ts';
import { buildModel } from './build-model.ts';
import { createChip, type ExecutorName } from './emulator/chip.ts';
import { referenceModel } from './testing/reference-model.ts';

const reference = referenceModel();

test.each([reference, ...[1, 2, 3, 4, 5].map((seed) => randomModel(seed))])(
  'the firmware of $name: logits, cycles, stack and RAM of both executors are equal',
  async (model) => {
    const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
    const run = async (executor: ExecutorName): Promise<unknown> => {
      const chip = createChip(firmware.flash, { executor, translateAfter: 20 });
      const device = createAvr8jsDevice(firmware, { chip });
      const random = seededRandom(5);
      const inferences = [];
      for (let image = 0; image < 3; image++) {
        inferences.push(await device.infer(randomImage(model.architecture.input, random)));
      }
      const paintedStackBytes = await device.paintedStackBytes();
      const { cycles, lowestStackPointer, sram } = chip;
      return { inferences, paintedStackBytes, cycles, lowestStackPointer, sram };
    };
    expect(await run('translated')).toEqual(await run('interpreter'));
  },
);
