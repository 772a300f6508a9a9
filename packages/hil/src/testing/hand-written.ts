import type { GeneratedSources } from '@sparrow/codegen';

export interface HandWrittenNetwork {
  readonly rows?: number;
  readonly rowBytes?: number;
  /** C: what `sparrow_push_row` does, with the row in `row[]` and the logits in `logits[]`. */
  readonly pushRow: string;
  /** C before it. */
  readonly globals?: string;
}

export const HAND_WRITTEN_LOGITS = 2;

/** A network written by hand, to see what the program around it does. Two logits, 0 at the start of an image. */
export function handWrittenNetwork({
  rows = 4,
  rowBytes = 6,
  pushRow,
  globals = '',
}: HandWrittenNetwork): GeneratedSources {
  const header = `
    #include <stdint.h>
    #define SPARROW_INPUT_ROWS ${rows}
    #define SPARROW_INPUT_ROW_BYTES ${rowBytes}
    #define SPARROW_LOGITS ${HAND_WRITTEN_LOGITS}
    #define SPARROW_MACS ${rows * rowBytes}UL
    #define SPARROW_MODEL_ID 0x89ABCDEFUL
    void sparrow_begin(void);
    uint8_t *sparrow_row_buffer(void);
    void sparrow_push_row(void);
    const int32_t *sparrow_logits(void);
  `;
  const source = `
    #include "network.h"
    static uint8_t row[SPARROW_INPUT_ROW_BYTES];
    static int32_t logits[SPARROW_LOGITS];
    ${globals}
    void sparrow_begin(void) { for (uint8_t i = 0; i < SPARROW_LOGITS; i++) logits[i] = 0; }
    uint8_t *sparrow_row_buffer(void) { return row; }
    void sparrow_push_row(void) { ${pushRow} }
    const int32_t *sparrow_logits(void) { return logits; }
  `;
  return {
    files: new Map([
      ['network.h', header],
      ['network.c', source],
    ]),
    modelBytes: 0,
    bufferBytes: rowBytes + 4 * HAND_WRITTEN_LOGITS,
    macs: rows * rowBytes,
  };
}

/** Logits: the sum of all pixels, and a sum weighted by column that tells rows in another order or position apart. */
export const SUM_NETWORK: HandWrittenNetwork = {
  pushRow: `
    logits[1] *= 3;
    for (uint8_t i = 0; i < SPARROW_INPUT_ROW_BYTES; i++) {
      logits[0] += row[i];
      logits[1] += (int32_t)row[i] * (i + 1);
    }`,
};

export function sumNetworkLogits(image: Uint8Array, rowBytes: number): number[] {
  const logits = [0, 0];
  image.forEach((pixel, index) => {
    if (index % rowBytes === 0) logits[1] *= 3;
    logits[0] += pixel;
    logits[1] += pixel * ((index % rowBytes) + 1);
  });
  return logits;
}
