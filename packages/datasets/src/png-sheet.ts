import { decode } from 'fast-png';

/**
 * Decodes a PNG of which each row is one image: `imageBytes` / 3 pixels in red, green, blue.
 *
 * @param file names it in errors
 * @returns `[image][pixel][channel]`
 * @throws Error if it is no such PNG, or is damaged
 */
export function decodeSheet(png: Uint8Array, images: number, imageBytes: number, file: string): Uint8Array {
  const { width, height, channels, depth, data } = decodePng(png, file);
  if (depth !== 8 || channels !== 3 || width * 3 !== imageBytes || height !== images) {
    const actual = `${width} × ${height} pixels of ${channels} × ${depth} bits`;
    throw new Error(`${file}: ${actual}, not ${imageBytes / 3} × ${images} of 3 × 8`);
  }
  return data as Uint8Array;
}

function decodePng(png: Uint8Array, file: string): ReturnType<typeof decode> {
  try {
    return decode(png, { checkCrc: true });
  } catch (error) {
    throw new Error(`${file}: not a whole PNG (${(error as Error).message})`, { cause: error });
  }
}
