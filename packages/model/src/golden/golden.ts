import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readModel } from '../file/storage.ts';
import type { Model } from '../model.ts';

/** As stored in vectors.json. */
export interface GoldenModel {
  readonly file: string;
  /** `image` is base64. */
  readonly vectors: readonly { readonly image: string; readonly logits: readonly number[] }[];
}

export interface GoldenCase {
  readonly model: Model;
  readonly images: readonly Uint8Array[];
  /** By image. */
  readonly logits: readonly (readonly number[])[];
}

/** Small models in files, with images and the logits that every executor has to give (made by regenerate.ts). */
export function goldenCases(): GoldenCase[] {
  const stored = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as GoldenModel[];
  return stored.map(({ file, vectors }) => ({
    model: readModel(fileURLToPath(new URL(file, import.meta.url))),
    images: vectors.map(({ image }) => Uint8Array.from(Buffer.from(image, 'base64'))),
    logits: vectors.map(({ logits }) => logits),
  }));
}
