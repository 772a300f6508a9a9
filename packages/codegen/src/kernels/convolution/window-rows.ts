import type { Assembly, Counter, Environment } from '../../assembly/assembly.ts';
import { addToPair, addVariable, copy, loadPair, storePair } from '../../assembly/idioms.ts';
import { r, type Register, X, Y } from '../../assembly/registers.ts';
import { WINDOW } from '../../rows.ts';
import { unlessWhole } from './clipping.ts';
import type { ChannelPlace, Tile } from './tile.ts';

/** A walk over the rows of the window that are inside of the image. */
export interface RowWalk {
  readonly rows: number;
  readonly unrolled: boolean;
  readonly pixelPointer: Register;
  readonly windowPointer: Tile['windowPointer'];
  readonly taps: Counter;
  /** Low byte of where row pointers end, instead of a counter. */
  readonly end?: Register;
  /** Added to a row's pointer; or the pointer itself is written back, where `body` leaves it. */
  readonly channel: ChannelPlace;
  /** Likewise; always the same. */
  readonly offset?: number;
  /** Registers from r16 up that are free between rows. */
  readonly high: Register;
  readonly spare: readonly Register[];
  /** If some rows may be outside: the address of the number of those inside; in an unrolled walk, of a bit for each if several may. */
  readonly inside?: string;
  /** Rows that may be outside. */
  readonly clipped: readonly number[];
  /** In an unrolled walk, passes by the weights of a row that is outside. */
  readonly skipRow: () => void;
  /** `row` is of an unrolled walk; in a loop it is 0. */
  readonly body: (row: number) => void;
}

function insideRows({ taps }: Environment): number {
  return taps;
}

/** With the pixel pointer at the tile's first pixel of each row of the window. */
export function walkRows(assembly: Assembly, walk: RowWalk): void {
  if (walk.unrolled || walk.rows === 1) return unrolledRows(assembly, walk);
  const { taps, rows, inside, high, end, windowPointer } = walk;
  const count = inside === undefined ? rows : insideRows;
  const row = (): void => {
    assembly.phase('borders', () => nextPointer(assembly, walk));
    walk.body(0);
  };
  assembly.phase('borders', () => {
    setWindowPointer(assembly, walk);
    if (end !== undefined) return;
    if (inside === undefined) assembly.setCounter(taps, rows, high);
    else copyVariable(assembly, taps, inside, high);
  });
  if (end !== undefined && typeof windowPointer === 'number') assembly.loopUntilEqual(count, windowPointer, end, row);
  else assembly.countDown(taps, count, row);
}

/** Where the pointers of `rows` rows end, or of as many as the variable at `inside` says already. */
export function setRowsEnd(
  { emit }: Assembly,
  end: Register,
  rows: number,
  inside: string | undefined,
  high: Register,
) {
  if (inside !== undefined) return emit('lds', r(end), inside);
  emit('ldi', r(high), `lo8(${WINDOW} + ${2 * rows})`);
  emit('mov', r(end), r(high));
}

function unrolledRows(assembly: Assembly, walk: RowWalk): void {
  const { rows, pixelPointer, channel, clipped, body } = walk;
  for (let row = 0; row < rows; row++) {
    const within = ({ skip, taps }: Environment): number => (row >= skip && row < skip + taps ? 1 : 0);
    const after = assembly.newLabel('after');
    const clips = clipped.includes(row);
    const pointer = `${WINDOW} + ${2 * row}`;
    if (clips) assembly.phase('borders', () => passRow(assembly, walk, row, within, after));
    assembly.sometimes(clips ? within : 1, () => {
      assembly.phase('borders', () => {
        loadPair(assembly, pixelPointer, pointer);
        addOffsets(assembly, walk);
      });
      body(row);
      if ('written' in channel) assembly.phase('borders', () => storePair(assembly, pointer, pixelPointer));
    });
    if (clips) assembly.label(after);
  }
}

/** Jumps to `after` if the row is outside of the image. */
function passRow(
  assembly: Assembly,
  { rows, inside, skipRow }: RowWalk,
  row: number,
  within: (environment: Environment) => number,
  after: string,
): void {
  const { emit } = assembly;
  const start = assembly.newLabel('inside');
  unlessWhole(assembly, rows, start, () => {
    if (inside !== undefined) {
      emit('lds', 'r0', inside);
      emit('sbrc', 'r0', row);
      emit('rjmp', start);
      // Skipping the jump takes a cycle less than jumping.
      assembly.spend((environment) => within(environment) - 1);
    }
    assembly.sometimes(
      (environment) => 1 - within(environment),
      () => {
        skipRow();
        emit('rjmp', after);
      },
    );
  });
  assembly.label(start);
}

function setWindowPointer({ emit }: Assembly, { windowPointer, high }: RowWalk): void {
  if (typeof windowPointer === 'number') {
    emit('ldi', r(windowPointer), `lo8(${WINDOW})`);
    emit('ldi', r(windowPointer + 1), `hi8(${WINDOW})`);
    return;
  }
  for (const [half, offset] of [['lo8', ''] as const, ['hi8', ' + 1'] as const]) {
    emit('ldi', r(high), `${half}(${WINDOW})`);
    emit('sts', `${windowPointer.address}${offset}`, r(high));
  }
}

function copyVariable({ emit }: Assembly, counter: Counter, from: string, scratch: Register): void {
  const register = 'register' in counter ? counter.register : scratch;
  emit('lds', r(register), from);
  if ('address' in counter) emit('sts', counter.address, r(register));
}

/** The next row's pointer. */
function nextPointer(assembly: Assembly, walk: RowWalk): void {
  const { emit } = assembly;
  const { windowPointer, pixelPointer, spare } = walk;
  if (typeof windowPointer === 'number') {
    const post = windowPointer === Y ? 'Y+' : 'X+';
    emit('ld', r(pixelPointer), post);
    emit('ld', r(pixelPointer + 1), post);
  } else {
    // The pixels' pointer walks itself, and two registers hold what it finds.
    const { address } = windowPointer;
    loadPair(assembly, pixelPointer, address);
    for (const register of spare.slice(0, 2)) emit('ld', r(register), pixelPointer === X ? 'X+' : 'Y+');
    storePair(assembly, address, pixelPointer);
    copy(assembly, [pixelPointer, pixelPointer + 1], spare.slice(0, 2));
  }
  addOffsets(assembly, walk);
}

function addOffsets(
  assembly: Assembly,
  { pixelPointer, channel, offset = 0 }: Pick<RowWalk, 'pixelPointer' | 'channel' | 'offset'>,
): void {
  const { emit } = assembly;
  addToPair(assembly, pixelPointer, offset);
  if ('nowhere' in channel || 'written' in channel) return;
  if ('address' in channel) return addVariable(assembly, pixelPointer, channel.address, channel.bytes);
  emit('add', r(pixelPointer), r(channel.registers[0]));
  emit('adc', r(pixelPointer + 1), r(channel.registers[1]));
}
