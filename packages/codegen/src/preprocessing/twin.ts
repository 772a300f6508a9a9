import {
  CENTRE_BITS,
  doubledDeviation,
  HALF_LEVEL,
  LARGEST_LEVEL,
  PIXEL_OF_LEVEL,
  RATIO_BITS,
  ROW_WEIGHT,
  STEPS,
} from '@sparrow/model';
import type { PreprocessingLayout } from './layout.ts';

/** C of what is done with an image before the network reads it: `take_row`, `place_image` and `make_row`. */
export function printPreprocessing({ height, width, packedRowBytes, buffers }: PreprocessingLayout): string {
  const image = `(arena + ${buffers.image.offset})`;
  const arrival = `(arena + ${buffers.arrival.offset})`;
  return `/* Sums over the image's levels 0 to 3; where the rows of the normalised image are, in 1/256 of a pixel. */
static struct { uint32_t mass, x, y, xx, xy, yy; } moments;
static struct { int16_t y, y_step, x, x_step, slant; } place;
static uint8_t rows;

static void take_row(void) {
  uint8_t *packed = ${image} + rows * ${packedRowBytes};
  memset(packed, 0, ${packedRowBytes});
  for (uint8_t x = 0; x < ${width}; x++) {
    const uint32_t level = (${arrival}[x] * ${LARGEST_LEVEL} + ${HALF_LEVEL}) >> 8;
    packed[x / 4] |= (uint8_t)(level << (6 - 2 * (x % 4)));
    moments.mass += level;
    moments.x += level * x;
    moments.y += level * rows;
    moments.xx += level * x * x;
    moments.xy += level * x * rows;
    moments.yy += level * rows * rows;
  }
  rows++;
}

static uint32_t ratio(uint32_t a, uint32_t b, uint8_t digits) {
  return a >= b ? (UINT32_C(1) << digits) - 1 : (uint32_t)(((uint64_t)a << digits) / b);
}

static uint32_t root(uint32_t square) {
  uint32_t result = 0;
  for (uint32_t bit = UINT32_C(1) << 15; bit; bit >>= 1) {
    if ((result | bit) * (result | bit) <= square) result |= bit;
  }
  return result;
}

/* In 1/128 of a pixel, so that the image gets half of \`doubled\` as standard deviation. */
static int16_t step(uint32_t variance, uint32_t doubled) {
  const uint32_t scale = ratio(root(variance), doubled * moments.mass, ${RATIO_BITS});
  return scale < ${STEPS.least} ? ${STEPS.least} : scale > ${STEPS.most} ? ${STEPS.most} : (int16_t)scale;
}

static void place_image(void) {
  const uint32_t first = moments.mass * moments.xy, second = moments.x * moments.y;
  const uint32_t covariance = first < second ? second - first : first - second;
  const uint32_t variance = moments.mass * moments.yy - moments.y * moments.y;
  const uint32_t shear = ratio(covariance, variance, ${RATIO_BITS});
  const uint32_t undone = (uint32_t)(((uint64_t)covariance * shear) >> 8);
  const int16_t y_step = step(variance, ${doubledDeviation(height, 'height')});
  const int16_t x_step =
    step(moments.mass * moments.xx - moments.x * moments.x - undone, ${doubledDeviation(width, 'width')});
  const int32_t sheared = (int32_t)shear * y_step;
  place.slant = (int16_t)((first < second ? -sheared : sheared) >> 7);
  place.y_step = 2 * y_step;
  place.x_step = 2 * x_step;
  place.y = (int16_t)(2 * ratio(moments.y, 32 * moments.mass, ${CENTRE_BITS}) - place.y_step * ${height >> 1});
  place.x = (int16_t)(2 * ratio(moments.x, 32 * moments.mass, ${CENTRE_BITS}) - place.x_step * ${width >> 1} -
    place.slant * ${height >> 1});
}

static uint8_t level_at(int16_t row, uint8_t column) {
  if (row < 0 || row >= ${height}) return 0;
  return (${image}[row * ${packedRowBytes} + column / 4] >> (6 - 2 * (column % 4))) & ${LARGEST_LEVEL};
}

static void make_row(uint8_t *row) {
  uint8_t between[${width}];
  const uint8_t lower = (place.y & 255) >> 2;
  for (uint8_t x = 0; x < ${width}; x++) {
    const int16_t y = place.y >> 8;
    between[x] = (uint8_t)((${PIXEL_OF_LEVEL} * (level_at(y, x) * (${ROW_WEIGHT} - lower) + level_at(y + 1, x) * lower)) >> 6);
  }
  int16_t position = place.x;
  for (uint8_t x = 0; x < ${width}; x++, position += place.x_step) {
    const int16_t column = position >> 8, right = position & 255;
    const int32_t a = column >= 0 && column < ${width} ? between[column] : 0;
    const int32_t b = column >= -1 && column < ${width - 1} ? between[column + 1] : 0;
    row[x] = (uint8_t)((a * (256 - right) + b * right) >> 8);
  }
  place.y += place.y_step;
  place.x += place.slant;
}
`;
}
