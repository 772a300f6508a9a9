import { seededRandom } from '@sparrow/model';
import type { HistoryStep, ReportedLayer, ReportedNetwork, ReportedTrial, StudyReport } from '../study-report.ts';

/** A report with everything in it: `trials` trials, ten classes, one finished network. */
export function exampleReport(trials: number): StudyReport {
  const random = seededRandom(5);
  const reported = Array.from({ length: trials }, (_, index): ReportedTrial => {
    const size = random();
    return {
      id: index + 1,
      rung: index % 3,
      isOnFront: index % 9 === 0,
      error: 0.01 + 0.2 * random() * (1 - size),
      cost: {
        ramBytes: Math.round(300 + 1700 * size),
        flashBytes: Math.round(4_000 + 20_000 * size),
        parameterBytes: Math.round(500 + 9_000 * size),
        milliseconds: 5 + 300 * size,
        macs: Math.round(10_000 + 400_000 * size),
      },
      isMeasured: index % 3 > 0,
      layers: [`conv 3×3, int8 → 26×26×${index + 1}`, 'dense 10, int4 → 1×1×10'],
    };
  });
  return {
    study: 'example',
    dataset: 'mnist',
    state: 'finished',
    writtenAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    trials: reported,
    counts: { running: 0, pruned: 3, failed: 0 },
    chip: { name: 'Arduino Uno (ATmega328P)', ramBytes: 2048, flashBytes: 32_256 },
    goals: [{ name: 'half', description: 'least error within 1,024 B of RAM', ramBytes: 1024, milliseconds: 100 }],
    history: historyOf(reported),
    importance: {
      trials,
      objectives: [{ name: 'error', explained: 0.6 }],
      hyperparameters: [{ name: 'blocks: filters', shares: [0.3] }],
    },
    networks: [exampleNetwork(random)],
  };
}

function historyOf(trials: readonly ReportedTrial[]): HistoryStep[] {
  return trials.map(({ id, error }, index) => ({
    trial: id,
    trials: index + 1,
    milliseconds: 4_000 * (index + 1),
    error,
    bestError: Math.min(...trials.slice(0, index + 1).map((trial) => trial.error)),
    hypervolume: 20 * (1 - 0.98 ** index),
  }));
}

const layer: ReportedLayer = {
  name: 'block1',
  operation: 'conv 3×3, int8',
  output: '26×26×8',
  implementation: 'conv2d_3x3_s8_acc16: 7 pixels × 1 filters',
  macs: 48_672,
  cycles: 400_000,
  phases: { compute: 300_000, requantisation: 60_000, borders: 10_000, calls: 30_000 },
  codeBytes: 1_200,
  parameterBytes: 96,
  ramBytes: 700,
};

function exampleNetwork(random: () => number): ReportedNetwork {
  const classNames = Array.from({ length: 10 }, (_, index) => String(index));
  const confusion = classNames.map((_, label) =>
    classNames.map((__, answer) => (label === answer ? 990 : Math.floor(2 * random()))),
  );
  const pixels = Uint8Array.from({ length: 28 * 28 }, () => Math.floor(256 * random()));
  return {
    name: 'best',
    reason: 'least error within the chip, of 4 finalists on validation images (trial 7)',
    folder: 'runs/example/best',
    cost: { ramBytes: 1388, flashBytes: 12_036, parameterBytes: 8_736, milliseconds: 42, macs: 48_672 },
    cycles: 672_000,
    verification: {
      device: 'avr8js',
      images: 10_000,
      correct: 9_926,
      mismatchedLogits: 0,
      staticRamBytes: 1340,
      stackBytes: 48,
    },
    layers: [layer, { ...layer, name: 'block2', phases: { compute: 200_000, calls: 72_000 }, cycles: 272_000 }],
    layersAreMeasured: true,
    answers: {
      classNames,
      confusion,
      mistakes: [3, 4].map((label) => ({
        index: label,
        picture: { height: 28, width: 28, channels: 1, pixels },
        label,
        answer: 9,
        logits: classNames.map((_, index) => 100 * index),
      })),
    },
  };
}
