import type { Ring, Step } from '@sparrow/model';
import { iterations } from '@sparrow/model';
import { rowPointer } from './context.ts';
import { unsignedType } from './text.ts';

/** The shared table of row pointers, and the function that fills it from a ring. */
export function printWindow(rows: number): string {
  if (rows === 0) return '';
  return `static const uint8_t *window[${rows}];

static void open_window(const uint8_t *ring, uint8_t slot, uint8_t slots, uint16_t row_bytes, uint8_t rows) {
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
}

export interface OpenedWindow {
  /** Statements; they declare `skip` (tap rows above the image) and `taps` (tap rows inside) when `clips`. */
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
const uint8_t taps = end - first;
${open('taps')}`,
    clips,
  };
}

/** Pointer to the output row of iteration `i`. */
export function outputRow(step: Step, ring: Ring): string {
  const row = step.outputRows === 1 ? '0' : step.rowsPerOutput === 1 ? 'i' : `(i / ${step.rowsPerOutput})`;
  return rowPointer(ring, row, step.outputRows);
}
