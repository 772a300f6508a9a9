import { fitHyperparameters } from '../gaussian-process/marginal-likelihood.ts';
import { conditionGaussianProcess, posterior, type GaussianProcess } from '../gaussian-process/gaussian-process.ts';
import { scaled } from '../ranking.ts';
import { hyperparameterSubset, posteriorSubset } from '../surrogate/subset.ts';
import { objectiveTransform } from '../surrogate/transform.ts';
import { configurationKey, distinctFrom, keysOf } from './distinct.ts';
import type { Encoder } from '../surrogate/encoding.ts';
import type { FitCache } from '../surrogate/surrogate.ts';
import type { Preference, Problem, Proposal, Trial } from '../types.ts';

/** Of those that a preference ranks first, how many may become parents: so many that they are not all of one family. */
const PARENTS = 8;
/** Share of proposals that come from nowhere. */
const IMMIGRANTS = 0.25;
const MORPHS = 40;
const ADMISSION_ATTEMPTS = 60;
/** Samples before morphs, for each turn of a preference. */
const FOUNDERS = 6;
/** Of so many samples the most promising is taken. */
const SELECTION = 8;
/** So many are asked to be confirmed. */
const CONFIRMATION_ATTEMPTS = 4;

/**
 * Proposes for one preference after the other: morphs of the trials that serve it best, as in SpArSe's last stage (Fedorov et al.
 * 2019, §3.3), of which a Gaussian process of the first objective picks the one with the largest expected improvement over the
 * best (Jones, Schonlau, Welch 1998, eq. 15). What a preference does not admit is not even considered, what it does not confirm not
 * proposed.
 */
export function proposeForPreferences<Configuration>(
  problem: Problem<Configuration>,
  preferences: readonly Preference<Configuration>[],
  encoder: Encoder<Configuration>,
  history: readonly Trial<Configuration>[],
  cache: FitCache,
  random: () => number,
): Proposal<Configuration> {
  const sampled = history.filter(({ rung }) => rung === 0).length;
  const turns = preferences.flatMap((preference) =>
    new Array<typeof preference>(preference.turns ?? 1).fill(preference),
  );
  const preference = turns[sampled % turns.length];
  const complete = history.filter(({ state }) => state === 'complete');
  const parents = preference.rank(complete).slice(0, PARENTS);
  const isEarly = sampled < FOUNDERS * turns.length;
  const draw = (): Configuration => preference.sample?.(random) ?? problem.space.sample(random);
  const sample = (): Configuration => promising(preference, draw);
  if (isEarly || parents.length === 0 || random() < IMMIGRANTS) {
    return { configuration: distinctFrom(history, sample) };
  }
  const morphs = morphsOf(problem, preference, parents, keysOf(history), random);
  if (morphs.length === 0) return { configuration: distinctFrom(history, sample) };
  const ranked = byExpectedImprovement(problem, encoder, complete, parents[0], morphs, cache);
  return firstConfirmed(preference, ranked, ({ configuration }) => configuration);
}

function promising<Configuration>(preference: Preference<Configuration>, draw: () => Configuration): Configuration {
  const { promise } = preference;
  if (!promise) return admitted(preference, draw);
  const samples = Array.from({ length: SELECTION }, () => admitted(preference, draw));
  const promises = new Map(samples.map((sample) => [sample, promise(sample)]));
  samples.sort((a, b) => promises.get(b)! - promises.get(a)!);
  return firstConfirmed(preference, samples, (sample) => sample);
}

/** The first that the preference confirms; the very first, if that would be none of some. */
function firstConfirmed<Configuration, Item>(
  preference: Preference<Configuration>,
  ranked: readonly Item[],
  configurationOf: (item: Item) => Configuration,
): Item {
  const isConfirmed = (item: Item): boolean => preference.confirms?.(configurationOf(item)) ?? true;
  return ranked.slice(0, CONFIRMATION_ATTEMPTS).find(isConfirmed) ?? ranked[0];
}

/** The last draw, if none is. */
function admitted<Configuration>(preference: Preference<Configuration>, draw: () => Configuration): Configuration {
  let configuration = draw();
  for (let attempt = 1; attempt < ADMISSION_ATTEMPTS && !preference.admits(configuration); attempt++) {
    configuration = draw();
  }
  return configuration;
}

interface Morph<Configuration> {
  readonly configuration: Configuration;
  readonly parent: number;
}

/** The better a parent, the more of them. */
function morphsOf<Configuration>(
  { space }: Problem<Configuration>,
  preference: Preference<Configuration>,
  parents: readonly Trial<Configuration>[],
  seen: Set<string>,
  random: () => number,
): Morph<Configuration>[] {
  const morphs: Morph<Configuration>[] = [];
  for (let attempt = 0; attempt < 4 * MORPHS && morphs.length < MORPHS; attempt++) {
    const parent = parents[Math.floor(parents.length * random() ** 1.5)];
    let configuration = space.mutate(parent.configuration, random);
    while (random() < 1 / 3) configuration = space.mutate(configuration, random);
    const key = configurationKey(configuration);
    if (seen.has(key) || !preference.admits(configuration)) continue;
    seen.add(key);
    morphs.push({ configuration, parent: parent.id });
  }
  return morphs;
}

function byExpectedImprovement<Configuration>(
  problem: Problem<Configuration>,
  encoder: Encoder<Configuration>,
  complete: readonly Trial<Configuration>[],
  best: Trial<Configuration>,
  morphs: readonly Morph<Configuration>[],
  cache: FitCache,
): Morph<Configuration>[] {
  const { process, transform } = firstObjective(problem, encoder, complete, cache);
  const rung = Math.max(...complete.map((trial) => trial.rung));
  const incumbent = transform(best);
  const scored = morphs.map((morph) => {
    const { mean, variance } = posterior(process, encoder.encode(morph.configuration, rung));
    return { morph, score: expectedImprovement(incumbent - mean, Math.sqrt(variance)) };
  });
  return scored.sort((a, b) => b.score - a.score).map(({ morph }) => morph);
}

interface FirstObjective<Configuration> {
  readonly process: GaussianProcess;
  readonly transform: (trial: Trial<Configuration>) => number;
}

function firstObjective<Configuration>(
  { objectives }: Problem<Configuration>,
  encoder: Encoder<Configuration>,
  complete: readonly Trial<Configuration>[],
  cache: FitCache,
): FirstObjective<Configuration> {
  const [objective] = objectives;
  const valueOf = (trial: Trial<Configuration>): number => scaled(trial.objectives[objective.name], objective);
  const pointOf = (trial: Trial<Configuration>): Float64Array => encoder.encode(trial.configuration, trial.rung);
  const fitted = hyperparameterSubset(complete, objectives);
  const key = `first objective: ${fitted.map(({ id }) => id).join()}`;
  const fittedTransform = objectiveTransform(fitted.map(valueOf));
  const hyperparameters =
    cache.get(key) ??
    fitHyperparameters(
      fitted.map(pointOf),
      Float64Array.from(fitted, (trial) => fittedTransform(valueOf(trial))),
      encoder.embedding,
    );
  cache.set(key, hyperparameters);
  const training = posteriorSubset(complete, objectives);
  const transform = objectiveTransform(training.map(valueOf));
  const values = Float64Array.from(training, (trial) => transform(valueOf(trial)));
  const process = conditionGaussianProcess(training.map(pointOf), values, encoder.embedding, hyperparameters);
  return { process, transform: (trial) => transform(valueOf(trial)) };
}

/** Of a normal variable with this mean improvement and deviation. */
function expectedImprovement(improvement: number, deviation: number): number {
  if (deviation < 1e-9) return Math.max(0, improvement);
  const z = improvement / deviation;
  return improvement * normalDistribution(z) + (deviation * Math.exp(-(z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Φ(z), by the logistic approximation of Bowling et al. 2009, to 1.4e-4: it only ranks. */
function normalDistribution(z: number): number {
  return 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)));
}
