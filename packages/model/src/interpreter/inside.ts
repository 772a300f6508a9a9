/** The taps `start ≤ i < end` of a window at `origin` that fall inside of the image; the others read padding, which is 0. */
export function insideRange(origin: number, window: number, size: number): { start: number; end: number } {
  return { start: Math.max(0, -origin), end: Math.min(window, size - origin) };
}
