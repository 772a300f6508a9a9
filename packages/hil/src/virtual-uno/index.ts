import { symlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { USABLE_FLASH_BYTES } from '../atmega328p.ts';
import { BootableChip } from '../emulator/bootable-chip.ts';
import { parseIntelHex } from '../intel-hex.ts';
import { FaultyLine, noFaults, type FaultCounts, type FaultOptions } from './faults.ts';
import { Line } from './line.ts';
import { removeLink } from './link.ts';
import { blankFlash } from './optiboot.ts';
import { fastPace, realPace, type Pace } from './pace.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { charactersHeard } from './resample.ts';

export { FAULTS, parseFaults, type FaultCounts, type FaultName, type FaultOptions } from './faults.ts';
export { findOptiboot } from './optiboot.ts';

/** `real`: 16 MHz by the wall clock. `fast`: as fast as it can; only waiting takes as long as on a board. */
export const PACES = ['fast', 'real'] as const;
export type PaceName = (typeof PACES)[number];

export interface VirtualUnoOptions {
  /** Default: `fast`. */
  readonly pace?: PaceName;
  /** Intel HEX of a program that is flashed at the start; default: none, an Uno with its bootloader alone. */
  readonly firmwareHex?: string;
  /** What happens to bytes on the line; default: nothing. */
  readonly faults?: FaultOptions;
  /** Of the faults; default: 1. */
  readonly seed?: number;
  /** A path that is made a symbolic link to the pseudo-terminal, whichever number it gets. */
  readonly link?: string;
}

/** An Uno that is not there: an emulated chip with its bootloader behind a real pseudo-terminal. */
export interface VirtualUno {
  /**
   * The port that avrdude and serialport open: `link` if there is one, else the pseudo-terminal, whose number may change when it is plugged
   * in anew. Opening it resets the chip, as a real port's DTR does.
   */
  readonly path: string;
  /** The faults that have happened. */
  readonly faultCounts: Readonly<FaultCounts>;
  /** Pulls the cable out: the port is gone, the chip without power. */
  unplug(): void;
  /** Plugs it in again. What was flashed is still there. */
  plugIn(): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

/** While nobody has the port open, nothing of the chip can be observed, and it stands still. */
const CLOSED_WAIT_MILLISECONDS = 20;
const UNPLUGGED_WAIT_MILLISECONDS = 20;
const CUT_MILLISECONDS = 1000;

/** @throws Error in one line if Optiboot is not installed, or this system has no pseudo-terminals of Linux */
export async function startVirtualUno(options: VirtualUnoOptions = {}): Promise<VirtualUno> {
  if (process.platform !== 'linux') throw new Error(`the virtual Uno needs Linux, this is ${process.platform}`);
  const flash = await blankFlash();
  if (options.firmwareHex !== undefined) flash.set(parseIntelHex(options.firmwareHex, USABLE_FLASH_BYTES).bytes);
  return new Board(flash, options);
}

class Board implements VirtualUno {
  readonly faultCounts = noFaults();
  private readonly options: VirtualUnoOptions;
  private readonly chip: BootableChip;
  private readonly line: Line;
  private readonly pace: Pace;
  private readonly toChip: FaultyLine;
  private readonly toHost: FaultyLine;
  private readonly sent: number[] = [];
  private readonly life: Promise<void>;
  private terminal: PseudoTerminal | undefined;
  private terminalPath = '';
  private hostBaudRate = 0;
  private plugInTime = Infinity;
  private isClosed = false;

  constructor(flash: Uint8Array, options: VirtualUnoOptions) {
    const { faults = {}, seed = 1, pace } = options;
    this.options = options;
    this.chip = new BootableChip(flash, {
      onTransmit: (byte) => this.transmit(byte),
      onReady: () => this.line.deliver(),
    });
    this.line = new Line(this.chip, pace === 'real');
    this.pace = pace === 'real' ? realPace(this.chip, this.line) : fastPace(this.chip);
    this.toChip = new FaultyLine(faults, this.faultCounts, 2 * seed);
    this.toHost = new FaultyLine(faults, this.faultCounts, 2 * seed + 1);
    this.plugIn();
    this.life = this.live();
  }

  get path(): string {
    return this.options.link ?? this.terminalPath;
  }

  unplug(): void {
    this.terminal?.close();
    this.terminal = undefined;
    if (this.options.link !== undefined) removeLink(this.options.link);
  }

  plugIn(): void {
    if (this.terminal !== undefined) return;
    const { link } = this.options;
    if (link !== undefined) removeLink(link);
    this.terminal = new PseudoTerminal();
    this.terminalPath = this.terminal.path;
    if (link !== undefined) symlinkSync(this.terminalPath, link);
    this.plugInTime = Infinity;
    this.chip.reset('powerOn');
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.life;
  }

  private async live(): Promise<void> {
    while (!this.isClosed) {
      if (performance.now() >= this.plugInTime) this.plugIn();
      if (this.terminal === undefined) await setTimeout(UNPLUGGED_WAIT_MILLISECONDS);
      else await this.terminal.wait(this.turn(this.terminal));
    }
    this.unplug();
  }

  /** @returns milliseconds after which the next turn is due, if nothing happens at the port before */
  private turn(terminal: PseudoTerminal): number {
    if (terminal.takeOpening()) this.reset();
    if (!terminal.isOpen) return CLOSED_WAIT_MILLISECONDS;
    this.hostBaudRate = terminal.baudRate;
    const cuts = this.faultCounts.cut;
    const spared = this.chip.isInBootloader && this.options.faults?.inBootloader !== true;
    this.toChip.push(terminal.read(), spared);
    this.line.send(this.toChip.take(), this.hostBaudRate);
    const milliseconds = this.pace.turn();
    this.toHost.push(Uint8Array.from(this.sent.splice(0)), spared);
    terminal.write(this.toHost.take());
    if (this.faultCounts.cut > cuts) this.cut();
    return milliseconds;
  }

  private reset(): void {
    for (const line of [this.line, this.toChip, this.toHost]) line.clear();
    this.chip.reset('external');
    this.pace.start();
  }

  private transmit(byte: number): void {
    const heard = charactersHeard(byte, this.chip.uart.baudRate, this.hostBaudRate);
    this.sent.push(...heard.map((character) => character.byte));
  }

  private cut(): void {
    this.unplug();
    this.plugInTime = performance.now() + CUT_MILLISECONDS;
  }
}
