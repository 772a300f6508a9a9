import type { Measurement } from '@sparrow/hil';
import { bytes, milliseconds, percent } from './cli/format.ts';

/** The text of `FLASHING.md` beside a finished model. */
export function flashingGuide(measurement: Measurement): string {
  const { model, accuracy, images, flashBytes, ramBytes } = measurement;
  return `# ${model} on an Arduino Uno

${percent(accuracy)} on ${images} ${measurement.dataset} test images, ${bytes(flashBytes)} of flash, ${bytes(ramBytes.total)} of RAM,
${milliseconds(measurement.milliseconds)} an image; measured on the emulated ATmega328P.

Plug the board in, find its port (\`ls /dev/ttyACM* /dev/ttyUSB*\`), and flash from this folder:

    avrdude -p atmega328p -c arduino -P /dev/ttyACM0 -b 115200 -D -U flash:w:firmware.hex:i

Then let the board prove the numbers itself, from the root of the repository (this also flashes, where needed):

    npx nx run hil:verify --model <this folder> --device /dev/ttyACM0

The C sources of the network are in \`firmware/\`: \`network.h\` says how a program of your own calls them.
`;
}
