import { encode } from 'fast-png';
import type { Picture } from './study-report.ts';

/** `data:image/png;base64,…` */
export function pngDataUri({ height, width, channels, pixels }: Picture): string {
  const png = encode({ height, width, channels, depth: 8, data: Uint8Array.from(pixels) });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
