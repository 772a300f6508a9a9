import type { Model } from '@sparrow/model';

/**
 * What the generator returns: file name → text, written into one folder by whoever builds it. `network.h` always declares
 *
 *   #define SPARROW_INPUT_ROWS, SPARROW_INPUT_ROW_BYTES, SPARROW_LOGITS, SPARROW_MACS, SPARROW_MODEL_ID (CRC-32 of the model)
 *   void sparrow_begin(void);                 start a new image
 *   uint8_t *sparrow_row_buffer(void);        where the next input row (SPARROW_INPUT_ROW_BYTES bytes) goes
 *   void sparrow_push_row(void);              that row is there: compute all that it makes possible
 *   const int32_t *sparrow_logits(void);      valid after SPARROW_INPUT_ROWS pushes, until the next sparrow_begin
 *
 * Each row is pushed before the next one is written. If images are preprocessed, the push of the last row does everything: the others only keep theirs. The same sources compile with avr-gcc and with a host compiler.
 */
export interface GeneratedSources {
  readonly files: ReadonlyMap<string, string>;
  /** What the parameters take in flash: weights (positions of sparse ones included), biases, multipliers. */
  readonly modelBytes: number;
  /** Bytes of all static buffers of the network. */
  readonly bufferBytes: number;
  readonly macs: number;
}

export type Generate = (model: Model) => GeneratedSources;
