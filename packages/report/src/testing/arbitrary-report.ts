import fc from 'fast-check';
import type {
  Answers,
  HistoryStep,
  ReportedLayer,
  ReportedNetwork,
  ReportedTrial,
  StudyReport,
} from '../study-report.ts';

/** Text that somebody may have put into a name: markup, quotes, control characters, anything. */
const text = fc.oneof(
  fc.constantFrom('</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'&amp;<!--", ']]>'),
  fc.string({ unit: 'binary' }),
);
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const amount = fc.integer({ min: 0, max: 1_000_000 });
const duration = fc.double({ min: 0, max: 1e7, noNaN: true });

const cost = fc.record({
  ramBytes: amount,
  flashBytes: amount,
  parameterBytes: amount,
  milliseconds: duration,
  macs: amount,
});

const trial: fc.Arbitrary<Omit<ReportedTrial, 'id'>> = fc.record(
  {
    parent: fc.nat(500),
    rung: fc.nat(3),
    isOnFront: fc.boolean(),
    error: fraction,
    cost,
    isMeasured: fc.boolean(),
    layers: fc.array(text, { maxLength: 3 }),
  },
  { requiredKeys: ['rung', 'isOnFront', 'error', 'cost', 'isMeasured', 'layers'] },
);

const layer: fc.Arbitrary<ReportedLayer> = fc.record({
  name: text,
  operation: text,
  output: text,
  implementation: text,
  macs: amount,
  cycles: amount,
  phases: fc.dictionary(fc.constantFrom('compute', 'calls', '<borders>'), amount),
  codeBytes: amount,
  parameterBytes: amount,
  ramBytes: amount,
});

const pictures = fc.constantFrom(1 as const, 3 as const).chain((channels) =>
  fc.record({
    height: fc.constant(4),
    width: fc.constant(5),
    channels: fc.constant(channels),
    pixels: fc.uint8Array({ minLength: 20 * channels, maxLength: 20 * channels }),
  }),
);

const answers: fc.Arbitrary<Answers> = fc.integer({ min: 2, max: 10 }).chain((classes) => {
  const label = fc.nat(classes - 1);
  const perClass = { minLength: classes, maxLength: classes };
  return fc.record({
    classNames: fc.array(text, perClass),
    confusion: fc.array(fc.array(fc.nat(1000), perClass), perClass),
    mistakes: fc.array(
      fc.record({
        index: fc.nat(9999),
        picture: pictures,
        label,
        answer: label,
        logits: fc.array(fc.integer(), perClass),
      }),
      { maxLength: 3 },
    ),
  });
});

const network: fc.Arbitrary<ReportedNetwork> = fc.record(
  {
    name: text,
    reason: text,
    folder: text,
    cost,
    cycles: amount,
    verification: fc.record({
      device: text,
      images: fc.constant(10_000),
      correct: fc.nat(10_000),
      mismatchedLogits: fc.nat(2),
      staticRamBytes: amount,
      stackBytes: amount,
    }),
    validationError: fraction,
    layers: fc.array(layer, { maxLength: 4 }),
    layersAreMeasured: fc.boolean(),
    answers,
  },
  { requiredKeys: ['name', 'reason', 'cost', 'cycles', 'layers', 'layersAreMeasured'] },
);

const step: fc.Arbitrary<Omit<HistoryStep, 'trial' | 'trials'>> = fc.record(
  { milliseconds: duration, error: fraction, bestError: fraction, hypervolume: duration },
  { requiredKeys: ['milliseconds', 'error', 'hypervolume'] },
);

const importance = fc
  .tuple(fc.array(text, { minLength: 1, maxLength: 4 }), fc.array(text, { maxLength: 5 }))
  .chain(([objectives, hyperparameters]) =>
    fc.record({
      trials: amount,
      objectives: fc.tuple(
        ...objectives.map((name) =>
          fc.record({ name: fc.constant(name), explained: fc.double({ min: -1, max: 1, noNaN: true }) }),
        ),
      ),
      hyperparameters: fc.tuple(
        ...hyperparameters.map((name) =>
          fc.record({ name: fc.constant(name), shares: fc.tuple(...objectives.map(() => fraction)) }),
        ),
      ),
    }),
  );

/** Any report at all, with up to `trials` trials. */
export function arbitraryReport(trials: number): fc.Arbitrary<StudyReport> {
  return fc.record(
    {
      study: text,
      dataset: text,
      state: fc.constantFrom('running' as const, 'finished' as const),
      activity: text,
      writtenAt: fc.nat(4_000_000_000_000),
      command: text,
      trials: fc
        .array(trial, { maxLength: trials })
        .map((all) => all.map((each, index) => ({ ...each, id: index + 1 }))),
      counts: fc.record({ running: fc.nat(9), pruned: fc.nat(99), failed: fc.nat(9) }),
      chip: fc.record({ name: text, ramBytes: fc.constant(2048), flashBytes: fc.constant(32_256) }),
      goals: fc.array(
        fc.record(
          { name: text, description: text, ramBytes: amount, flashBytes: amount, milliseconds: duration },
          { requiredKeys: ['name', 'description'] },
        ),
        { maxLength: 3 },
      ),
      history: fc
        .array(step, { maxLength: trials })
        .map((all) => all.map((each, index) => ({ ...each, trial: index + 1, trials: index + 1 }))),
      importance,
      networks: fc.array(network, { maxLength: 2 }),
    },
    {
      requiredKeys: [
        'study',
        'dataset',
        'state',
        'writtenAt',
        'trials',
        'counts',
        'chip',
        'goals',
        'history',
        'networks',
      ],
    },
  );
}
