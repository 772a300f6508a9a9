import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cacheFolder, readCached, type FetchedData } from './cache.ts';
import type { Dataset } from './dataset.ts';
import { unpackDebianPackage } from './fetch/debian-package.ts';
import { IDX_FILES, splitsOfIdxFiles, type IdxFile } from './idx-files.ts';

const DEBIAN_PACKAGE = 'dataset-fashion-mnist';
const DEBIAN_PACKAGE_BYTES = 30_900_652;
/** Where the package lies if it is installed, and within what is unpacked. */
const DEBIAN_FOLDER = 'usr/share/datasets/fashion-mnist';

const fashionMnist: FetchedData<IdxFile> = {
  name: 'fashion-mnist',
  /** Of the four original files, uncompressed, as published in many places. */
  checksums: {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
  get byHand() {
    return `gunzip the four files of data/fashion in github.com/zalandoresearch/fashion-mnist into ${cacheFolder('fashion-mnist')}`;
  },
  async fetch(folder, scratch) {
    const installed = join('/', DEBIAN_FOLDER);
    const source = existsSync(installed)
      ? installed
      : join(await unpackDebianPackage(DEBIAN_PACKAGE, DEBIAN_PACKAGE_BYTES, scratch), DEBIAN_FOLDER);
    for (const file of IDX_FILES) {
      await writeFile(join(folder, file), gunzipSync(await readFile(join(source, `${file}.gz`))));
    }
  },
};

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): 28 × 28 × 1, ten classes, 55,000 / 5,000 / 10,000 images,
 * from Debian's package `dataset-fashion-mnist`. Validation is the last 5,000 of the 60,000 training images: their order
 * is random.
 */
export async function loadFashionMnist(): Promise<Dataset> {
  return {
    name: 'fashion-mnist',
    height: 28,
    width: 28,
    channels: 1,
    classes: 10,
    classNames: [
      'T-shirt/top',
      'trouser',
      'pullover',
      'dress',
      'coat',
      'sandal',
      'shirt',
      'sneaker',
      'bag',
      'ankle boot',
    ],
    ...splitsOfIdxFiles(await readCached(fashionMnist)),
  };
}
