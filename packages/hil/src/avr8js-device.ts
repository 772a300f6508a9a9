import { createChip, type ChipOptions, type EmulatedChip } from './emulator/chip.ts';
import { ProtocolDevice, type Transport } from './protocol-device.ts';
import { ATMEGA328P, millisecondsOf } from './atmega328p.ts';
import type { Device } from './device.ts';
import type { Firmware } from './build.ts';

export interface EmulatedDeviceOptions extends ChipOptions {
  /** Default: a new one. */
  readonly chip?: EmulatedChip;
  /** A chip that is silent for longer has crashed. Default: 20 s of its time, more than any row takes that fits. */
  readonly patienceCycles?: number;
}

/** An emulated ATmega328P that runs a firmware, with what only an emulator sees. */
export interface EmulatedDevice extends Device {
  /** Exact peak of the stack since reset: RAMEND − lowest SP. */
  stackBytes(): number;
  /** All cycles since reset, the serial line and waiting included. */
  cycles(): number;
}

/** Powers on an emulated chip with this firmware, built for `EMULATOR_BAUD_RATE` if it is to be fast. */
export function createAvr8jsDevice(
  firmware: Pick<Firmware, 'flash'>,
  {
    executor,
    chip = createChip(firmware.flash, { executor }),
    patienceCycles = 20 * ATMEGA328P.clockHz,
  }: EmulatedDeviceOptions = {},
): EmulatedDevice {
  const transport: Transport = {
    name: 'avr8js',
    onByte: () => {},
    send: (bytes) => chip.sendToChip(bytes),
    listen: (done) => {
      chip.run(done, patienceCycles);
      return Promise.resolve(done());
    },
    now: () => millisecondsOf(chip.cycles),
    close: () => Promise.resolve(),
  };
  chip.serialFromChip = (byte) => transport.onByte(byte);
  const device = new ProtocolDevice(transport);
  return Object.assign(device, {
    stackBytes: () => ATMEGA328P.ramEnd - chip.lowestStackPointer,
    cycles: () => chip.cycles,
  });
}
