import type { Ring } from '@sparrow/model';
import { Assembly, type SharedFunction } from './assembly/assembly.ts';
import { loadImmediatePair, storePair } from './assembly/idioms.ts';
import { PRODUCT_LOW, r, X, Y, Z } from './assembly/registers.ts';
import type { OperandValue, StepFrame } from './context.ts';
import { loadRowAddress, ringBase, WINDOW } from './rows.ts';

/** Where `open_window` wants the first row's slot, the number of rows, the ring's slots, the bytes of a row (and Z at its base). */
const [SLOT, ROWS, SLOTS, ROW_BYTES] = [24, 25, 22, 20];

/**
 * Fills the table of row pointers: `rows` rows (a number, or the operand that says how many) from the one in the slot that
 * the operand `slot` says, each from `columnOffset` bytes after its first pixel. Uses all registers from r16 up.
 */
export function openWindow(
  frame: StepFrame,
  ring: Ring,
  slot: string,
  rows: number | string,
  columnOffset: number,
): void {
  const { assembly, operand } = frame;
  const { emit } = assembly;
  if (rows === 1) {
    loadRowAddress(frame, X, { ...ring, offset: ring.offset + columnOffset }, slot, 24);
    return storePair(assembly, WINDOW, X);
  }
  const load = (register: number, value: OperandValue): void => {
    if ('register' in value) emit('mov', r(register), r(value.register));
    else emit('ldi', r(register), value.constant);
  };
  load(SLOT, operand(slot));
  load(ROWS, typeof rows === 'number' ? { constant: rows } : operand(rows));
  emit('ldi', r(SLOTS), ring.rows);
  loadImmediatePair(assembly, ROW_BYTES, String(ring.rowBytes));
  loadImmediatePair(assembly, Z, ringBase(ring, columnOffset));
  assembly.call(OPEN_WINDOW, (environment) => ({ rows: typeof rows === 'number' ? rows : environment[rows] }));
}

function openWindowCode(): Assembly {
  const assembly = new Assembly('open_window');
  const { emit } = assembly;
  const wraps = assembly.newLabel('wraps');
  const next = assembly.newLabel('next');
  emit('mul', r(SLOT), r(ROW_BYTES));
  emit('movw', r(X), r(PRODUCT_LOW));
  emit('mul', r(SLOT), r(ROW_BYTES + 1));
  emit('add', r(X + 1), r(PRODUCT_LOW));
  emit('add', r(X), r(Z));
  emit('adc', r(X + 1), r(Z + 1));
  loadImmediatePair(assembly, Y, WINDOW);
  assembly.countDown(
    { register: ROWS },
    ({ rows }) => rows,
    () => {
      emit('st', 'Y+', r(X));
      emit('st', 'Y+', r(X + 1));
      emit('inc', r(SLOT));
      emit('cp', r(SLOT), r(SLOTS));
      emit('breq', wraps);
      emit('add', r(X), r(ROW_BYTES));
      emit('adc', r(X + 1), r(ROW_BYTES + 1));
      emit('rjmp', next);
      // As many cycles as without.
      assembly.label(wraps);
      assembly.sometimes(0, () => {
        emit('movw', r(X), r(Z));
        emit('clr', r(SLOT));
        emit('mov', r(SLOT), r(SLOT));
      });
      assembly.label(next);
    },
  );
  emit('ret');
  return assembly;
}

const OPEN_WINDOW: SharedFunction = { name: 'open_window', code: openWindowCode() };

/** Where `move_window` wants the number of rows, and by how many bytes. */
const [MOVED_ROWS, DISTANCE] = [24, 22];

/** Moves all row pointers on by `bytes`. Uses X, Y and r22 to r25. */
export function moveWindow(assembly: Assembly, rows: number, bytes: number): void {
  if (bytes === 0) return;
  assembly.emit('ldi', r(MOVED_ROWS), rows);
  loadImmediatePair(assembly, DISTANCE, String(bytes));
  assembly.call(MOVE_WINDOW, () => ({ rows }));
}

function moveWindowCode(): Assembly {
  const assembly = new Assembly('move_window');
  const { emit } = assembly;
  loadImmediatePair(assembly, Y, WINDOW);
  assembly.countDown(
    { register: MOVED_ROWS },
    ({ rows }) => rows,
    () => {
      emit('ld', r(X), 'Y');
      emit('ldd', r(X + 1), 'Y+1');
      emit('add', r(X), r(DISTANCE));
      emit('adc', r(X + 1), r(DISTANCE + 1));
      emit('st', 'Y+', r(X));
      emit('st', 'Y+', r(X + 1));
    },
  );
  emit('ret');
  return assembly;
}

const MOVE_WINDOW: SharedFunction = { name: 'move_window', code: moveWindowCode() };

/** The same in C. */
export const OPEN_WINDOW_IN_C = `static void open_window(const uint8_t *ring, uint8_t slot, uint8_t slots, uint16_t row_bytes, uint8_t rows) {
  const uint8_t *row = ring + slot * row_bytes;
  for (uint8_t tap = 0; tap < rows; tap++) {
    window[tap] = row;
    row += row_bytes;
    if (++slot == slots) {
      slot = 0;
      row = ring;
    }
  }
}
`;

export function openWindowInC(ring: Ring, rows: string, columnOffset: number): string {
  return `open_window(arena + ${ring.offset + ring.gap + columnOffset}, slot, ${ring.rows}, ${ring.rowBytes}, ${rows});\n`;
}
