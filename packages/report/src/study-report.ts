/** What a report shows: plain data, so that whoever has a study can fill it. Text is shown as it is, whatever is in it. */
export interface StudyReport {
  /** The study's name. */
  readonly study: string;
  readonly dataset: string;
  /** `running`: the file is written again and again, and the page loads itself anew. */
  readonly state: 'running' | 'finished';
  /** What the search is doing, for people: "Searching for 7:12 with 2 jobs". */
  readonly activity?: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  /** The command that goes on with the study. */
  readonly command?: string;
  /** Trials that are complete, in order of their number. */
  readonly trials: readonly ReportedTrial[];
  readonly counts: TrialCounts;
  /** What the chip has. */
  readonly chip: { readonly name: string; readonly ramBytes: number; readonly flashBytes: number };
  readonly goals: readonly ReportedGoal[];
  readonly history: readonly HistoryStep[];
  readonly importance?: Importance;
  /** Finished networks, the recommended one first; before there is one, the best so far. */
  readonly networks: readonly ReportedNetwork[];
}

export interface TrialCounts {
  readonly running: number;
  /** Networks that do not fit, and what else was not worth going on with. */
  readonly pruned: number;
  readonly failed: number;
}

export interface ReportedTrial {
  readonly id: number;
  /** The trial whose weights it started from. */
  readonly parent?: number;
  /** How much training it got; 0 is the least. */
  readonly rung: number;
  /** Whether no other feasible trial is at least as good in everything. */
  readonly isOnFront: boolean;
  /** Of validation images, 0 to 1. */
  readonly error: number;
  readonly cost: NetworkCost;
  /** Whether the cost was measured on the chip, not predicted. */
  readonly isMeasured: boolean;
  /** One line a layer. */
  readonly layers: readonly string[];
}

/** Bytes are those of the whole firmware; parameters are a part of the flash. */
export interface NetworkCost {
  readonly ramBytes: number;
  readonly flashBytes: number;
  readonly parameterBytes: number;
  /** An image. */
  readonly milliseconds: number;
  /** An image. */
  readonly macs: number;
}

/** Limits are absent where the chip's are the only ones. */
export interface ReportedGoal {
  readonly name: string;
  readonly description: string;
  readonly ramBytes?: number;
  readonly flashBytes?: number;
  readonly milliseconds?: number;
}

/** How far the study was when a trial was complete. */
export interface HistoryStep {
  readonly trial: number;
  /** Complete trials, this one included. */
  readonly trials: number;
  /** Time in which trials ran, pauses left out. */
  readonly milliseconds: number;
  /** Of this trial, 0 to 1. */
  readonly error: number;
  /** The least of all trials that fit so far; absent while there is none. */
  readonly bestError?: number;
  /** Of the front, in logarithms of the objectives. */
  readonly hypervolume: number;
}

/** How much each hyperparameter matters for each objective. */
export interface Importance {
  /** Trials that it was computed from. */
  readonly trials: number;
  readonly objectives: readonly {
    readonly name: string;
    /** Fraction of the variance among trials that the hyperparameters explain on trials that were held out; may be negative. */
    readonly explained: number;
  }[];
  /** The most important for the first objective first. */
  readonly hyperparameters: readonly {
    readonly name: string;
    /** For each objective: the share of its variance that goes with this one, alone or together with others; at least 0. */
    readonly shares: readonly number[];
  }[];
}

export interface ReportedNetwork {
  /** The goal that it was chosen for. */
  readonly name: string;
  /** Why this one, in a sentence. */
  readonly reason: string;
  /** Where its files are; absent while it is not finished. */
  readonly folder?: string;
  readonly cost: NetworkCost;
  /** An image. */
  readonly cycles: number;
  /** Absent while it is not finished. */
  readonly verification?: Verification;
  /** Of validation images, 0 to 1; known of networks that are not finished. */
  readonly validationError?: number;
  readonly layers: readonly ReportedLayer[];
  /** Whether the cycles of layers were counted on the emulated chip; else the code generator predicts them. */
  readonly layersAreMeasured: boolean;
  readonly answers?: Answers;
}

/** The whole test set on the chip. */
export interface Verification {
  readonly device: string;
  readonly images: number;
  readonly correct: number;
  /** Logits that differ from the reference interpreter's. */
  readonly mismatchedLogits: number;
  readonly staticRamBytes: number;
  readonly stackBytes: number;
}

export interface ReportedLayer {
  readonly name: string;
  /** What it is: "conv 3×3, int8". */
  readonly operation: string;
  /** Shape of its output: "13×13×14". */
  readonly output: string;
  /** How the chip computes it. */
  readonly implementation: string;
  readonly macs: number;
  readonly cycles: number;
  /** The same by what they go into, in order of execution. */
  readonly phases: Readonly<Record<string, number>>;
  readonly codeBytes: number;
  readonly parameterBytes: number;
  /** Rows of its output, and its sums; layers that live at different times may share this memory. */
  readonly ramBytes: number;
}

/** What the chip answered. */
export interface Answers {
  readonly classNames: readonly string[];
  /** `confusion[label][answer]`: images. */
  readonly confusion: readonly (readonly number[])[];
  /** Images that were mistaken, the worst first; not necessarily all of them. */
  readonly mistakes: readonly Mistake[];
}

export interface Mistake {
  /** The image's place in the test set. */
  readonly index: number;
  readonly picture: Picture;
  readonly label: number;
  readonly answer: number;
  /** One a class, as the chip computed them. */
  readonly logits: readonly number[];
}

/** Unsigned bytes `[row][column][channel]`, with one channel (grey) or three (red, green, blue). */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}
