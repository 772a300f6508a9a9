import { r, Y, Z } from '../assembly/registers.ts';
import type { PackedRun, SparseEncoding, SparseEntry } from './encoding.ts';
import { emitCounted, moveTo, multiply, passBytes, shareOfNegatives } from './sparse.ts';
import { emitEntered, packEntered } from './sparse-entered.ts';

const PER_ROUND = 2;
const FURTHEST = 255;
/** How far pairs leave Y behind where they ended, so that all other entries are further on. */
const BACK = 256;

interface Place {
  readonly position: number;
  readonly weights: readonly number[];
}

/**
 * Two weights at neighbouring pixels share a distance and the loads of pixels. Pairs come first, then all others two a round, of
 * which there has to be one.
 */
export const sparseInt8Neighbours: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_pairs_s8',
  weightBits: 8,
  usesPair: true,
  usesNeighbours: true,
  highCounter: true,
  pack: (run) => packPlaces(run),
  runBytes: (run) => `2 + ${pairBytes(run)} + (pgm_read_byte(${run} + 1 + ${pairBytes(run)}) + 1) * 2`,
  twin: `int16_t place = 0;
uint16_t left = pgm_read_byte(run++);
if (left != 0) {
  for (; left != 0; left--, run += 3) {
    place += pgm_read_byte(run);
    const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * pixels[place];
    const int16_t other = (int16_t)(int8_t)pgm_read_byte(run + 2) * pixels[place + 1];
    sum += (uint32_t)product + (uint32_t)other;
  }
  place -= ${BACK};
}
for (left = pgm_read_byte(run++) + 1; left != 0; left--, run += 2) {
  place += pgm_read_byte(run);
  const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * pixels[place];
  sum += (uint32_t)product;
}
`,
  pass(assembly, count, scratch) {
    passBytes(assembly, count, scratch, 3);
    assembly.emit('lpm', r(count), 'Z+');
    passBytes(assembly, count, scratch, 2);
    assembly.emit('adiw', r(Z), 2);
  },
  emitRun(assembly, registers, operations, meanOver) {
    const { weight, pair, counter } = registers;
    const { emit } = assembly;
    const { multiplyAccumulateNeighbours } = operations;
    if (!multiplyAccumulateNeighbours) throw new Error('pairs of weights for pixels that are no neighbours');
    emitCounted(
      assembly,
      registers,
      meanOver,
      (pairs, empty) => {
        assembly.countDown({ register: counter }, pairs, () => {
          moveTo(assembly, registers);
          for (const factor of [weight, pair]) emit('lpm', r(factor), 'Z+');
          multiplyAccumulateNeighbours(weight, pair);
        });
        assembly.sometimes(
          (environment) => 1 - empty(environment),
          () => emit('dec', r(Y + 1)),
        );
      },
      ({ pairs = 0 }) => pairs,
    );
    const negative = shareOfNegatives(meanOver);
    emitEntered(assembly, {
      registers,
      meanOver,
      perRound: PER_ROUND,
      cyclesOfEnteringOdd: 0,
      emitEntry: () => {
        moveTo(assembly, registers);
        emit('lpm', r(weight), 'Z+');
        multiply(assembly, weight, operations, negative);
      },
    });
  },
};

/** C expression. */
const pairBytes = (run: string): string => `pgm_read_byte(${run}) * 3`;

function packPlaces(run: readonly SparseEntry[]): PackedRun | undefined {
  const { pairs, singles } = pairUp(run);
  const back = pairs.length > 0 ? BACK : 0;
  const lastPair = pairs.length > 0 ? pairs[pairs.length - 1].position : 0;
  const bytes = [...withDistances(pairs, 0), ...withDistances(singles, lastPair - back)];
  if (bytes.some(({ distance }) => distance > FURTHEST)) return undefined;
  const flat = bytes.map(({ distance, weights }) => [distance, ...weights.map((weight) => weight & 0xff)]);
  const packed = packEntered(
    singles.map(({ weights: [weight] }) => ({ weight })),
    flat.slice(pairs.length).flat(),
    PER_ROUND,
  );
  if (!packed || pairs.length > 255) return undefined;
  return {
    ...packed,
    bytes: [pairs.length, ...flat.slice(0, pairs.length).flat(), ...packed.bytes],
    pairs: pairs.length,
  };
}

function withDistances(places: readonly Place[], start: number): (Place & { readonly distance: number })[] {
  return places.map((place, index) => {
    return { ...place, distance: place.position - (index === 0 ? start : places[index - 1].position) };
  });
}

/** Pairs end behind the first of all others: from there on, Y moves forward only. */
function pairUp(run: readonly SparseEntry[]): { readonly pairs: readonly Place[]; readonly singles: readonly Place[] } {
  const pairs: Place[] = [];
  const singles: Place[] = [];
  let position = 0;
  for (let index = 0; index < run.length; index++) {
    const { distance, weight } = run[index];
    position += distance;
    const isPair = run[index + 1]?.distance === 1;
    if (!isPair) singles.push({ position, weights: [weight] });
    else {
      pairs.push({ position, weights: [weight, run[index + 1].weight] });
      position += run[++index].distance;
    }
  }
  const dissolved: Place[] = [];
  const firstOther = (): number => dissolved[0]?.position ?? singles[0]?.position ?? Infinity;
  while (pairs.length > 0 && firstOther() > pairs[pairs.length - 1].position) {
    const { position: first, weights } = pairs.pop() as Place;
    dissolved.unshift(...weights.map((weight, index) => ({ position: first + index, weights: [weight] })));
  }
  return { pairs, singles: [...dissolved, ...singles] };
}
