import { configurationKey } from '../samplers/distinct.ts';
import { makeCandidate } from '../surrogate/candidate.ts';
import type { Candidate, Predictor } from '../surrogate/candidate.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';

export interface SearchEffort {
  /** Independent samples of the space. */
  readonly samples: number;
  /** Mutations of the elite. */
  readonly mutants: number;
  /** Rounds of mutating the best candidates so far. */
  readonly rounds: number;
  /** How many are kept in each round, and how many mutants each gets. */
  readonly kept: number;
  readonly mutantsOfEach: number;
}

export interface Scored<Configuration> {
  readonly candidate: Candidate<Configuration>;
  readonly score: number;
}

/**
 * The best-scoring configurations that `seen` does not hold, best first, found by sampling, by mutating the elite, and by
 * hill climbing from the best of both: all that a black-box space allows. None if nothing new was found.
 */
export function maximizeAcquisition<Configuration>(
  surrogate: Surrogate<Configuration>,
  score: (candidate: Candidate<Configuration>) => number,
  elite: readonly Candidate<Configuration>[],
  seen: ReadonlySet<string>,
  effort: SearchEffort,
  random: () => number,
): Scored<Configuration>[] {
  const { space } = surrogate.problem;
  const tried = new Set(seen);
  const pool: Scored<Configuration>[] = [];
  const consider = (configuration: Configuration, parent?: number) => {
    const key = configurationKey(configuration);
    if (tried.has(key)) return;
    tried.add(key);
    const candidate = makeCandidate(surrogate, configuration, parent);
    pool.push({ candidate, score: score(candidate) });
  };
  const mutant = ({ configuration }: Candidate<Configuration>) => {
    let mutated = space.mutate(configuration, random);
    // One step mostly, two in a third of the cases, and so on.
    while (random() < 1 / 3) mutated = space.mutate(mutated, random);
    return mutated;
  };

  for (let i = 0; i < effort.samples; i++) consider(space.sample(random));
  for (let i = 0; i < effort.mutants && elite.length > 0; i++) {
    const source = elite[Math.floor(random() * elite.length)];
    consider(mutant(source), source.parent);
  }
  for (let round = 0; round < effort.rounds; round++) {
    keepBest(pool, effort.kept);
    for (const { candidate } of [...pool]) {
      for (let i = 0; i < effort.mutantsOfEach; i++) consider(mutant(candidate), candidate.parent);
    }
  }
  keepBest(pool, effort.kept);
  return pool;
}

/** Predictions that a proposal may ask for. */
const mostPredictions = 4;

/**
 * The best of the candidates once what the space predicts is known of them. They come best first, so the predictions,
 * which cost more than all surrogates together, stop when the next one could not win even with what the surrogates hope.
 */
export function bestOncePredicted<Configuration>(
  candidates: readonly Scored<Configuration>[],
  score: (candidate: Candidate<Configuration>) => number,
  predict: Predictor<Configuration>,
): Candidate<Configuration> | undefined {
  let best: Scored<Configuration> | undefined;
  for (const hoped of candidates.slice(0, mostPredictions)) {
    if (best && best.score >= hoped.score) break;
    const known = predict(hoped.candidate.configuration);
    if (known === undefined) return hoped.candidate;
    const candidate = { ...hoped.candidate, known };
    const actual = { candidate, score: score(candidate) };
    if (!best || actual.score > best.score) best = actual;
  }
  return best?.candidate;
}

function keepBest<Configuration>(pool: Scored<Configuration>[], count: number): void {
  pool.sort((a, b) => b.score - a.score);
  pool.length = Math.min(pool.length, count);
}
