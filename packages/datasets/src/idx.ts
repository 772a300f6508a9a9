/**
 * The IDX format of the MNIST files (LeCun, Cortes, Burges, "The MNIST database of handwritten digits", section
 * "FILE FORMATS"): two zero bytes, the element type, the number of dimensions, each dimension as a big-endian
 * 32-bit integer, then the elements, the last dimension fastest.
 */
export interface Idx {
  readonly dimensions: readonly number[];
  /** A view into the bytes that were parsed: nothing is copied. */
  readonly elements: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Parses an IDX file of unsigned bytes with exactly `rank` dimensions. `file` names it in errors.
 *
 * @throws Error if the header is not IDX, has another type or rank, or promises more or fewer bytes than there are.
 */
export function parseIdx(bytes: Uint8Array, rank: number, file: string): Idx {
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw new Error(`${file}: truncated: ${bytes.length} B, the header alone takes ${headerBytes} B`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expected = (UNSIGNED_BYTE << 8) | rank;
  if (magic !== expected) {
    throw new Error(
      `${file}: not an IDX file of unsigned bytes in ${rank} dimension(s): starts with ${hex(magic)}, not ${hex(expected)}`,
    );
  }
  const dimensions = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elementCount = dimensions.reduce((product, size) => product * size, 1);
  const elements = bytes.subarray(headerBytes);
  if (elements.length !== elementCount) {
    const fault = elements.length < elementCount ? 'truncated' : 'too long';
    const promise = `${dimensions.join(' × ')} = ${elementCount} B`;
    throw new Error(`${file}: ${fault}: the header promises ${promise}, ${elements.length} B follow it`);
  }
  return { dimensions, elements };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
