import { configurationKey } from '../samplers/distinct.ts';
import { makeCandidate } from '../surrogate/draw.ts';
import type { Candidate } from '../surrogate/draw.ts';
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

interface Scored<Configuration> {
  readonly candidate: Candidate<Configuration>;
  readonly score: number;
}

/**
 * The best-scoring configuration that `seen` does not hold, found by sampling, by mutating the elite, and by hill
 * climbing from the best of both: all that a black-box space allows. Undefined if nothing new was found.
 */
export function maximizeAcquisition<Configuration>(
  surrogate: Surrogate<Configuration>,
  score: (candidate: Candidate<Configuration>) => number,
  elite: readonly Candidate<Configuration>[],
  seen: ReadonlySet<string>,
  effort: SearchEffort,
  random: () => number,
): Candidate<Configuration> | undefined {
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
  keepBest(pool, 1);
  return pool.at(0)?.candidate;
}

function keepBest<Configuration>(pool: Scored<Configuration>[], count: number): void {
  pool.sort((a, b) => b.score - a.score);
  pool.length = Math.min(pool.length, count);
}
