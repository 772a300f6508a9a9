import { USABLE_FLASH_BYTES } from '../atmega328p.ts';
import { BootableChip } from '../emulator/bootable-chip.ts';
import { parseIntelHex } from '../intel-hex.ts';
import { Line } from './line.ts';
import { blankFlash } from './optiboot.ts';
import { fastPace, realPace } from './pace.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

/** `real`: 16 MHz by the wall clock. `fast`: as fast as it can; only waiting takes as long as on a board. */
export const PACES = ['real', 'fast'] as const;
export type PaceName = (typeof PACES)[number];

export interface VirtualUnoOptions {
  /** Default: `fast`. */
  readonly pace?: PaceName;
  /** Intel HEX of a program that is flashed at the start; default: none, an Uno with its bootloader alone. */
  readonly firmwareHex?: string;
}

/** An Uno that is not there: an emulated chip with its bootloader behind a real pseudo-terminal. */
export interface VirtualUno {
  /** Of the pseudo-terminal: what avrdude and serialport open. Opening it resets the chip, as a real port's DTR does. */
  readonly path: string;
  /** Unplugs it: the port is gone. */
  close(): Promise<void>;
}

/** While nobody has the port open, nothing of the chip can be observed, and it stands still. */
const CLOSED_WAIT_MILLISECONDS = 20;

/** @throws Error if Optiboot is not installed, or this system has no pseudo-terminals of Linux */
export async function startVirtualUno(options: VirtualUnoOptions = {}): Promise<VirtualUno> {
  const { pace: paceName = 'fast', firmwareHex } = options;
  const flash = await blankFlash();
  if (firmwareHex !== undefined) flash.set(parseIntelHex(firmwareHex, USABLE_FLASH_BYTES).bytes);
  if (process.platform !== 'linux') throw new Error(`the virtual Uno needs Linux, this is ${process.platform}`);

  const terminal = new PseudoTerminal();
  const chip: BootableChip = new BootableChip(flash, {
    onTransmit: (byte) => sent.push(byte),
    onReady: () => line.deliver(),
  });
  const sent: number[] = [];
  const line = new Line(chip, paceName === 'real');
  const pace = paceName === 'real' ? realPace(chip, line) : fastPace(chip);
  let isClosed = false;

  const turn = (): number => {
    if (terminal.takeOpening()) {
      line.clear();
      chip.reset('external');
      pace.start();
    }
    if (!terminal.isOpen) return CLOSED_WAIT_MILLISECONDS;
    const bytes = terminal.read();
    if (bytes.length > 0) line.send(bytes, terminal.baudRate);
    const milliseconds = pace.turn();
    terminal.write(Uint8Array.from(sent.splice(0)));
    return milliseconds;
  };
  const live = async (): Promise<void> => {
    while (!isClosed) await terminal.wait(turn());
    terminal.close();
  };
  const life = live();
  return {
    path: terminal.path,
    async close() {
      isClosed = true;
      await life;
    },
  };
}
