import type { ChipCost } from './evaluation/chip-cost.ts';
import type { Limits } from './space/limits.ts';

/** What a finished network is wanted for: the most accurate one within all of these, or the smallest that is accurate enough. */
export interface Goal {
  /** Names its folder. */
  readonly name: string;
  readonly ramBytes?: number;
  readonly flashBytes?: number;
  /** Of the parameters alone. */
  readonly modelBytes?: number;
  readonly milliseconds?: number;
  /** 0 to 1, of validation images; then `objective` is made as small as possible. */
  readonly accuracy?: number;
  readonly objective: GoalObjective;
}

export const GOAL_OBJECTIVES = ['error', 'ram', 'flash', 'time'] as const;
export type GoalObjective = (typeof GOAL_OBJECTIVES)[number];

/** What people want of an Uno, if they do not say: all of it, half of it beside a sketch of their own, very little of it, or an answer at once. */
export const unoGoals: readonly Goal[] = [
  { name: 'best', objective: 'error' },
  { name: 'half', ramBytes: 1024, milliseconds: 100, objective: 'error' },
  { name: 'small', ramBytes: 768, modelBytes: 1536, objective: 'error' },
  { name: 'fast', milliseconds: 11, objective: 'error' },
];

/** Whether it takes no more than the goal, and the chip, allow. */
export function meets(goal: Goal, limits: Limits, cost: ChipCost): boolean {
  return (
    cost.ramBytes <= Math.min(goal.ramBytes ?? Infinity, limits.ramBytes) &&
    cost.flashBytes <= Math.min(goal.flashBytes ?? Infinity, limits.flashBytes) &&
    cost.modelBytes <= (goal.modelBytes ?? Infinity) &&
    cost.milliseconds <= (goal.milliseconds ?? Infinity)
  );
}

/** What is known of a network when goals are compared. */
export interface Rated {
  readonly error: number;
  readonly cost: ChipCost;
}

/**
 * Best first among those that meet the goal. With an `accuracy`, networks that reach it come first, by `objective`; the others follow by
 * error. `slack`: how much accuracy further training is expected to bring.
 */
export function rankForGoal<Network>(
  goal: Goal,
  limits: Limits,
  networks: readonly Network[],
  rated: (network: Network) => Rated,
  slack = 0,
): Network[] {
  const isAccurate = (network: Network): boolean =>
    goal.accuracy !== undefined && 1 - rated(network).error >= goal.accuracy - slack;
  const key = (network: Network): number => {
    const { error, cost } = rated(network);
    return isAccurate(network) ? objectiveOf(goal.objective, error, cost) : error;
  };
  const meeting = networks.filter((network) => meets(goal, limits, rated(network).cost));
  return meeting.sort((a, b) => Number(isAccurate(b)) - Number(isAccurate(a)) || key(a) - key(b));
}

function objectiveOf(objective: GoalObjective, error: number, cost: ChipCost): number {
  switch (objective) {
    case 'error':
      return error;
    case 'ram':
      return cost.ramBytes;
    case 'flash':
      return cost.flashBytes;
    case 'time':
      return cost.milliseconds;
  }
}

/** "at most 1,024 B of RAM, 100 ms", or "all that the chip has". */
export function describeGoal({ ramBytes, flashBytes, modelBytes, milliseconds, accuracy, objective }: Goal): string {
  const bytes = (count: number): string => `${count.toLocaleString('en-US')} B`;
  const limits = [
    ...(ramBytes === undefined ? [] : [`${bytes(ramBytes)} of RAM`]),
    ...(flashBytes === undefined ? [] : [`${bytes(flashBytes)} of flash`]),
    ...(modelBytes === undefined ? [] : [`${bytes(modelBytes)} of parameters`]),
    ...(milliseconds === undefined ? [] : [`${milliseconds} ms`]),
  ];
  const within = limits.length === 0 ? 'within the chip' : `within ${limits.join(', ')}`;
  const least = { error: 'error', ram: 'RAM', flash: 'flash', time: 'time' }[objective];
  if (accuracy === undefined) return `least ${least} ${within}`;
  return `at least ${(100 * accuracy).toFixed(2)} % with the least ${least} ${within}`;
}
