import type { Shape } from '../architecture.ts';

type Sum = (term: (x: bigint, y: bigint) => bigint) => bigint;

/** docs/numerics.md §8 as it stands, in BigInt: pixel (row, column) of the normalised image. */
export function naiveMomentNormalization(
  image: Uint8Array,
  { height, width }: Shape,
): (r: number, c: number) => bigint {
  const level = (y: number, x: number): bigint =>
    y >= 0 && y < height && x >= 0 && x < width ? (3n * BigInt(image[y * width + x]) + 128n) / 256n : 0n;
  const sum: Sum = (term) => {
    let total = 0n;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) total += level(y, x) * term(BigInt(x), BigInt(y));
    return total;
  };
  const m = sum(() => 1n);
  const [mx, my] = [sum((x) => x), sum((_, y) => y)];
  const c = m * sum((x, y) => x * y) - mx * my;
  const vy = m * sum((_, y) => y * y) - my * my;
  const vx = m * sum((x) => x * x) - mx * mx;
  const shear = ratio(abs(c), vy, 8n);
  const fy = step(vy, m * targetOf(11, height));
  const fx = step(vx - (abs(c) * shear) / 256n, m * targetOf(9, width));
  const slant = floorDivide((c < 0n ? -1n : 1n) * shear * fy, 128n);
  const [middleRow, middleColumn] = [BigInt(Math.floor(height / 2)), BigInt(Math.floor(width / 2))];
  const centreY = 2n * ratio(my, 32n * m, 12n);
  const centreX = 2n * ratio(mx, 32n * m, 12n);
  return (r, column) => {
    const y = centreY + 2n * fy * (BigInt(r) - middleRow);
    const x = centreX + slant * (BigInt(r) - middleRow) + 2n * fx * (BigInt(column) - middleColumn);
    const [upper, left] = [Number(floorDivide(y, 256n)), Number(floorDivide(x, 256n))];
    const down = (y - 256n * BigInt(upper)) / 4n;
    const right = x - 256n * BigInt(left);
    const between = (at: number): bigint =>
      (85n * (level(upper, at) * (64n - down) + level(upper + 1, at) * down)) / 64n;
    return (between(left) * (256n - right) + between(left + 1) * right) / 256n;
  };
}

function targetOf(halfPixelsOf28: number, side: number): bigint {
  return BigInt(Math.max(1, Math.round((halfPixelsOf28 * side) / 28)));
}

function step(variance: bigint, scale: bigint): bigint {
  const scaled = ratio(root(variance), scale, 8n);
  if (scaled < 90n) return 90n;
  return scaled > 179n ? 179n : scaled;
}

function ratio(a: bigint, b: bigint, digits: bigint): bigint {
  return a >= b ? 2n ** digits - 1n : (a * 2n ** digits) / b;
}

function root(square: bigint): bigint {
  let result = 0n;
  while ((result + 1n) * (result + 1n) <= square) result++;
  return result;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}
