import { orbitSize, readsImage } from '@sparrow/model';
import { Assembly, type SharedFunction } from '../../assembly/assembly.ts';
import { addToPair, loadImmediatePair } from '../../assembly/idioms.ts';
import { LAST_SIGNED_FACTOR, r, type Register, X, Y, Z } from '../../assembly/registers.ts';
import { indent } from '../../text.ts';
import { emitGroups, roundsOf } from '../groups.ts';
import { countOf, filterWeights, groupSize, orderOf, type Orbits, type Route, routeTo } from './orbits.ts';

/** A layer whose filters are transforms of each other, and addresses of what it needs in RAM. */
export interface OrbitVariables {
  readonly orbits: Orbits;
  /** A filter's weights. */
  readonly unfolded: string;
  /** Filters of the orbit that are left. */
  readonly filtersLeft: string;
}

/** Unfolds the weights at Z, which moves behind them. Uses all other registers from r16 up. */
export function emitUnfold(assembly: Assembly, { orbits, unfolded, filtersLeft }: OrbitVariables): void {
  assembly.emit('lds', r(FILTERS_LEFT), filtersLeft);
  loadImmediatePair(assembly, Y, unfolded);
  assembly.call(functionFor(orbits));
}

/** With Z at the unfolded weights while `rows` are computed. */
export function withUnfolded(assembly: Assembly, { unfolded }: OrbitVariables, rows: () => void): void {
  const { emit } = assembly;
  emit('push', r(Z));
  emit('push', r(Z + 1));
  loadImmediatePair(assembly, Z, unfolded);
  rows();
  emit('pop', r(Z + 1));
  emit('pop', r(Z));
}

/** Where the function wants the number of filters that are left; Y points at the buffer. */
const FILTERS_LEFT: Register = 24;
/** What else it uses. */
const FIRST_WEIGHT: Register = 16;
const CARRY = LAST_SIGNED_FACTOR;
const COUNTERS: readonly Register[] = [FILTERS_LEFT, FILTERS_LEFT + 1, X];
const SCRATCH_REGISTER: Register = X + 1;

/** By name: layers whose filters are alike have one together. */
const FUNCTIONS = new Map<string, SharedFunction>();

function functionFor(orbits: Orbits): SharedFunction {
  const { layer, channels, encoding } = orbits;
  const { height, width } = layer.kernel;
  const input = readsImage(layer) ? 'image' : 'orbits';
  const name = `unfold_${layer.symmetry}_of_${input}_${height}x${width}x${channels}_${encoding.name}`;
  const known = FUNCTIONS.get(name);
  if (known) return known;
  const made = { name, code: unfoldCode(name, orbits) };
  FUNCTIONS.set(name, made);
  return made;
}

/** Each filter of an orbit has code of its own. */
function unfoldCode(name: string, orbits: Orbits): Assembly {
  const assembly = new Assembly(name);
  const size = orbitSize(orbits.layer);
  const unfoldFrom = (steps: number): void => {
    const left = size - steps;
    const route = (): void => {
      emitRoute(assembly, orbits, routeTo(orbits, steps));
      assembly.emit('ret');
    };
    if (left === 1) return route();
    assembly.emit('cpi', r(FILTERS_LEFT), left);
    assembly.unless('brne', 'breq', 1 / left, route);
    assembly.sometimes(1 - 1 / left, () => unfoldFrom(steps + 1));
  };
  assembly.phase('compute', () => unfoldFrom(0));
  return assembly;
}

function emitRoute(assembly: Assembly, orbits: Orbits, route: Route): void {
  addToPair(assembly, Y, route.start);
  if (startsInByte(orbits)) emitRun(assembly, orbits, route);
  else emitLoops(assembly, orbits, route);
}

/** Whether some groups begin in the middle of a byte. */
function startsInByte(orbits: Orbits): boolean {
  return orbits.encoding.phases(groupSize(orbits)) > 1;
}

/** Loops in loops. */
function emitLoops(assembly: Assembly, orbits: Orbits, { loops, displacements }: Route): void {
  const weights = weightRegisters(orbits);
  /** Emits the loops from this one on, and returns by how much they move Y. */
  const emitFrom = (loop: number): number => {
    if (loop === loops.length) {
      return storeGroup(assembly, orbits.encoding.load(assembly, 0, weights, CARRY), displacements);
    }
    const { count, step } = loops[loop];
    assembly.repeat({ register: COUNTERS[loop] }, count, SCRATCH_REGISTER, () => {
      const moved = emitFrom(loop + 1);
      addToPair(assembly, Y, step - moved);
    });
    return count * step;
  };
  emitFrom(0);
}

/** One loop over all groups; one more counter tells when it is the outer one's turn to step. */
function emitRun(assembly: Assembly, orbits: Orbits, { loops, displacements }: Route): void {
  const { emit } = assembly;
  const [inner, outer] = [...loops].reverse();
  const turn = inner && outer ? outer.step - inner.count * inner.step : 0;
  const [counter, innerCounter] = COUNTERS;
  if (turn !== 0) assembly.setCounter({ register: innerCounter }, inner.count, SCRATCH_REGISTER);
  emitGroups(assembly, {
    ...groupsOf(orbits),
    carry: CARRY,
    counter: { register: counter },
    scratch: SCRATCH_REGISTER,
    weights: weightRegisters(orbits),
    enter: () => {},
    body: (_group, _isLast, weights) => {
      const left = storeGroup(assembly, weights, displacements);
      addToPair(assembly, Y, (inner?.step ?? 0) - left);
      if (turn === 0) return;
      emit('dec', r(innerCounter));
      assembly.unless('brne', 'breq', 1 / inner.count, () => {
        assembly.setCounter({ register: innerCounter }, inner.count, SCRATCH_REGISTER);
        addToPair(assembly, Y, turn);
      });
    },
  });
}

function groupsOf(orbits: Orbits) {
  const size = groupSize(orbits);
  return { encoding: orbits.encoding, groups: filterWeights(orbits) / size, groupSize: size, unrolled: 1 };
}

const LARGEST_COUNT = 255;

/** Whether the function's counters suffice, which they do but for images of very many channels. */
export function canUnfold(orbits: Orbits): boolean {
  return !startsInByte(orbits) || roundsOf(groupsOf(orbits)).rounds <= LARGEST_COUNT;
}

function weightRegisters(orbits: Orbits): Register[] {
  return Array.from({ length: groupSize(orbits) }, (_, index) => FIRST_WEIGHT + index);
}

/** Of `std` (AVR instruction set manual). */
const LARGEST_DISPLACEMENT = 63;

/** Returns how far it moves Y. */
function storeGroup(assembly: Assembly, weights: readonly Register[], displacements: readonly number[]): number {
  if (Math.max(...displacements) <= LARGEST_DISPLACEMENT) {
    weights.forEach((weight, index) => assembly.emit('std', `Y+${displacements[index]}`, r(weight)));
    return 0;
  }
  weights.forEach((weight, index) => {
    addToPair(assembly, Y, displacements[index] - (index === 0 ? 0 : displacements[index - 1]));
    assembly.emit('st', 'Y', r(weight));
  });
  return displacements[displacements.length - 1];
}

/** In C: the buffer, and the function `unfold_…(weights, steps)` that fills it. */
export function printUnfold(name: string, orbits: Orbits): string {
  const { layer, channels, encoding } = orbits;
  const { height, width } = layer.kernel;
  const { groups, groupSize: size } = groupsOf(orbits);
  const loops = orderOf(orbits).map((coordinate) => {
    return `for (uint8_t ${coordinate} = 0; ${coordinate} < ${countOf(orbits, coordinate)}; ${coordinate}++)`;
  });
  const orbit = orbitSize(layer);
  const channel = readsImage(layer) ? 'channel' : `channel / ${orbit} * ${orbit} + (channel + steps) % ${orbit}`;
  const turn =
    layer.symmetry === 'mirror'
      ? `to_column = ${width - 1} - to_column;`
      : `const uint8_t above = to_row;
  to_row = to_column;
  to_column = ${height - 1} - above;`;
  return `static uint8_t unfolded_${name}[${filterWeights(orbits)}];

static void unfold_${name}(const uint8_t *weights, uint8_t steps) {
  uint16_t index = 0;
${indent(
  `${loops.join('\n')} {
  uint8_t to_row = row;
  uint8_t to_column = column;
  for (uint8_t step = 0; step < steps; step++) {
${indent(turn, 4)}
  }
  const uint8_t to_channel = ${channel};
  unfolded_${name}[(to_row * ${channels} + to_channel) * ${width} + to_column] = ${encoding.weight('weights', '0', 'index', groups, size)};
  index++;
}
`,
  2,
)}}
`;
}
