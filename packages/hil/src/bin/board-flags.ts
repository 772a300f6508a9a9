import { InvalidArgumentError, Option, type Command } from 'commander';
import { BOARD_BAUD_RATE } from '../build.ts';
import { checkBaudRate } from '../ports/baud-rate.ts';
import { findBoard } from '../ports/find-board.ts';
import { PROGRAMMERS, type Programmer } from '../serial-device.ts';
import { parseCount } from './flags.ts';

export interface BoardFlags {
  readonly device: string;
  readonly programmer: Programmer;
  readonly baudRate: number;
}

/** The flags of a board but `--device`. */
export function addBoardOptions(program: Command): Command {
  return program
    .addOption(new Option('--programmer <name>', 'what flashes a board').choices(PROGRAMMERS).default(PROGRAMMERS[0]))
    .option('--baud-rate <n>', "of a board's serial line", parseBaudRate, BOARD_BAUD_RATE);
}

/** The port that `--device` means; `auto` is the only Uno that is plugged in. */
export async function resolveDevice(device: string): Promise<string> {
  return device === 'auto' ? findBoard() : device;
}

function parseBaudRate(text: string): number {
  const baudRate = parseCount(text);
  try {
    checkBaudRate(baudRate);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return baudRate;
}
