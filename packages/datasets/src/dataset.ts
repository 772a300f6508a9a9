/** Images as unsigned bytes `[image][row][column][channel]`, labels one byte each. */
export interface Split {
  readonly count: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export interface Dataset {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  /** `classes` names, by label: for people to read. */
  readonly classNames: readonly string[];
  readonly train: Split;
  /** Chosen by: the search, early stopping, model selection. */
  readonly validation: Split;
  /** Reported: once per finished model, never to choose anything. */
  readonly test: Split;
}

export type DatasetName = 'mnist' | 'fashion-mnist' | 'cifar10' | 'cifar10-binary';
