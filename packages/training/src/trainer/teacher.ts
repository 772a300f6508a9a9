import type { Batch, Engine, Network } from '../engine.ts';
import type { Ancestor } from '../inheritance.ts';

/** Share of the teacher's answer in what is trained towards; the rest is the label. */
const TEACHER_SHARE = 0.7;

/** A trained network whose float answers another one learns from, beside the labels (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"). */
export class Teacher {
  readonly #network: Network;

  static async load(engine: Engine, { architecture, weights }: Ancestor, batchSize: number): Promise<Teacher> {
    const network = await engine.createNetwork(architecture, { batchSize, seed: 0 });
    network.writeWeights(weights);
    return new Teacher(network);
  }

  private constructor(network: Network) {
    this.#network = network;
  }

  /** The batch with soft targets: the teacher's probabilities for these very images, however they were changed. */
  teach(batch: Batch): Batch {
    const logits = this.#network.logits(batch.images, 'float');
    const count = batch.labels.length;
    const classes = logits.length / count;
    const softTargets = new Float32Array(logits.length);
    for (let image = 0; image < count; image++) {
      const start = image * classes;
      const probabilities = softmax(logits.subarray(start, start + classes));
      for (let k = 0; k < classes; k++) softTargets[start + k] = TEACHER_SHARE * probabilities[k];
      softTargets[start + batch.labels[image]] += 1 - TEACHER_SHARE;
    }
    return { ...batch, softTargets };
  }

  dispose(): void {
    this.#network.dispose();
  }
}

function softmax(logits: Float32Array): Float32Array {
  const highest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
