import type { Ring, Step } from '@sparrow/model';
import { iterations } from '@sparrow/model';
import { rowPointer } from './context.ts';
import { SPILL_BYTES } from './kernels/tile.ts';
import { chipOrHost, unsignedType } from './text.ts';

/** What steps and their kernels share: which rows and taps the window of an iteration has. */
export interface SharedState {
  readonly windowRows: number;
  readonly clips: boolean;
  readonly spills: boolean;
}

export function sharedStateBytes({ windowRows, clips, spills }: SharedState): number {
  return 2 * windowRows + (clips ? 5 : 0) + (spills ? SPILL_BYTES : 0);
}

export function printSharedState({ windowRows, clips, spills }: SharedState): string {
  const clipping = `/* Rows of taps inside of the image; bytes of weights for those above and below it. */
uint8_t sparrow_taps;
uint16_t sparrow_above, sparrow_below;
`;
  const spill = chipOrHost(
    `/* What kernels keep when their registers are taken. */\nuint8_t sparrow_spill[${SPILL_BYTES}];\n`,
    '',
  );
  return [clips ? clipping : '', spills ? spill : '', windowRows > 0 ? printWindow(windowRows) : ''].join('');
}

/** The shared table of row pointers, and the function that fills it from a ring. */
function printWindow(rows: number): string {
  return `const uint8_t *sparrow_window[${rows}];

static void open_window(const uint8_t *ring, uint8_t slot, uint8_t slots, uint16_t row_bytes, uint8_t rows) {
  const uint8_t *row = ring + slot * row_bytes;
  for (uint8_t tap = 0; tap < rows; tap++) {
    sparrow_window[tap] = row;
    row += row_bytes;
    if (++slot == slots) {
      slot = 0;
      row = ring;
    }
  }
}
`;
}

export interface OpenedWindow {
  /** Statements; when `clips` they declare `skip` (rows of taps above the image) and set `sparrow_taps`. */
  readonly code: string;
  /** Whether some window reaches over the top or bottom edge. */
  readonly clips: boolean;
}

/** Opens the window of iteration `i`: the rows of `ring` that it reads, from `columnOffset` bytes after each row's first pixel. */
export function openWindow(step: Step, ring: Ring, height: number, columnOffset: number): OpenedWindow {
  const { rowStride, padTop, windowRows } = step;
  const last = (iterations(step) - 1) * rowStride - padTop + windowRows;
  const clips = padTop > 0 || last > height;
  const base = `arena + ${ring.offset + ring.gap + columnOffset}`;
  const slot = ring.rows === 1 ? '0' : ring.rows >= height ? 'first' : `first % ${ring.rows}`;
  const type = unsignedType(height + windowRows);
  const open = (rows: string) => `open_window(${base}, ${slot}, ${ring.rows}, ${ring.rowBytes}, ${rows});\n`;
  if (!clips) {
    const first = `const ${type} first = i${rowStride === 1 ? '' : ` * ${rowStride}`};\n`;
    return { code: `${slot === '0' ? '' : first}${open(String(windowRows))}`, clips };
  }
  const top = rowStride === 1 ? 'i' : `i * ${rowStride}`;
  return {
    code: `const ${type} first = ${top} > ${padTop} ? ${top} - ${padTop} : 0;
const ${type} end = ${top} + ${windowRows - padTop} < ${height} ? ${top} + ${windowRows - padTop} : ${height};
const uint8_t skip = first + ${padTop} - ${top};
sparrow_taps = end - first;
${open('sparrow_taps')}`,
    clips,
  };
}

/** Pointer to the output row of iteration `i`. */
export function outputRow(step: Step, ring: Ring): string {
  const row = step.outputRows === 1 ? '0' : step.rowsPerOutput === 1 ? 'i' : `(i / ${step.rowsPerOutput})`;
  return rowPointer(ring, row, step.outputRows);
}
