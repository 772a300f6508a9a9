import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Model, shapeSize } from '@sparrow/model';
import type { GeneratedSources } from '../sources.ts';

const MAIN = `#include "network.h"
#include <stdio.h>

int main(void) {
  for (;;) {
    sparrow_begin();
    for (int row = 0; row < SPARROW_INPUT_ROWS; row++) {
      if (fread(sparrow_row_buffer(), 1, SPARROW_INPUT_ROW_BYTES, stdin) != SPARROW_INPUT_ROW_BYTES) return 0;
      sparrow_push_row();
    }
    fwrite(sparrow_logits(), 4, SPARROW_LOGITS, stdout);
  }
}
`;

/** Whether there is a compiler for the machine that this runs on. */
export function hasHostCompiler(): boolean {
  return spawnSync('gcc', ['--version']).status === 0;
}

/** Logits, image after image, from generated sources compiled with the host's compiler (portable kernels), sanitizers on. */
export function runOnHost(
  model: Model,
  { files }: Pick<GeneratedSources, 'files'>,
  images: readonly Uint8Array[],
): Int32Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'sparrow-host-'));
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'main.c'), MAIN);
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const warnings = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
    execFileSync('gcc', ['-std=gnu99', '-O1', ...sanitize, ...warnings, 'network.c', 'main.c', '-o', 'network'], {
      cwd: folder,
    });
    const output = execFileSync(join(folder, 'network'), { input: Buffer.concat(images), maxBuffer: 1 << 28 });
    const { layers } = model.architecture;
    const last = layers[layers.length - 1];
    const classes = last.kind === 'dense' ? last.units : 0;
    const all = new Int32Array(output.buffer.slice(output.byteOffset, output.byteOffset + output.length));
    if (images.some((image) => image.length !== shapeSize(model.architecture.input)))
      throw new Error('image of a wrong size');
    return images.map((_, image) => all.subarray(image * classes, (image + 1) * classes));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
