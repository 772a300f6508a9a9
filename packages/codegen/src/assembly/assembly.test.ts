import { Assembly } from './assembly.ts';
import { totalCycles } from './ledger.ts';

const cyclesOf = (assembly: Assembly, environment = {}): number => totalCycles(assembly.cycles(environment));

/** Cycles from the instruction set manual, added up by hand. */
describe('what assembly knows of itself', () => {
  test('a loop: the last branch is not taken', () => {
    const assembly = new Assembly('test');
    assembly.repeat({ register: 24 }, 3, 24, () => assembly.emit('mul', 'r2', 'r3'));
    expect(
      assembly.lines.filter((line) => line.startsWith('  ') && !line.includes(';')).map((line) => line.trim()),
    ).toEqual(['ldi r24, 3', 'mul r2, r3', 'dec r24', 'brne .Ltest_loop0']);
    // ldi; mul, dec, brne taken twice; mul, dec, brne not taken.
    expect(cyclesOf(assembly)).toBe(1 + 2 * (2 + 1 + 2) + (2 + 1 + 1));
    expect(assembly.words).toBe(4);
  });

  test('a loop too long for a branch jumps back over one', () => {
    const assembly = new Assembly('test');
    const body = 70;
    assembly.repeat({ register: 24 }, 2, 24, () => {
      for (let count = 0; count < body; count++) assembly.emit('inc', 'r2');
    });
    // Once dec, breq not taken, rjmp; then dec, breq taken.
    expect(cyclesOf(assembly)).toBe(1 + 2 * body + (1 + 1 + 2) + (1 + 2));
    expect(assembly.words).toBe(1 + body + 3);
  });

  test('a counter in RAM, loops in loops, and counts that depend on the iteration', () => {
    const assembly = new Assembly('test');
    assembly.repeat({ address: 'counter' }, 2, 24, () => {
      assembly.countDown(
        { register: 20 },
        ({ taps }) => taps,
        () => assembly.emit('lpm', 'r2', 'Z+'),
      );
    });
    const inner = (taps: number): number => taps * (3 + 1 + 2) - 1;
    const outer = (taps: number): number => 1 + 2 + 2 * (inner(taps) + 2 + 1 + 2 + 2) - 1;
    expect([1, 3].map((taps) => cyclesOf(assembly, { taps }))).toEqual([outer(1), outer(3)]);
  });

  test('cycles go to the phase they are emitted in', () => {
    const assembly = new Assembly('test');
    assembly.emit('ldi', 'r24', 1);
    assembly.phase('compute', () => assembly.emit('mul', 'r2', 'r3'));
    assembly.phase('borders', () => assembly.spend(({ skip }) => skip));
    expect(assembly.cycles({ skip: 5 })).toEqual({ calls: 1, compute: 2, borders: 5, requantisation: 0 });
  });

  test('stack: what is pushed at a time, and a return address on top', () => {
    const assembly = new Assembly('test');
    assembly.emit('push', 'r2');
    assembly.call({ name: 'shared', code: new Assembly('shared') });
    assembly.emit('pop', 'r2');
    assembly.emit('push', 'r3');
    expect(assembly.stackBytes).toBe(3);
  });

  test('an instruction that it does not know is refused', () => {
    expect(() => new Assembly('test').emit('sleep')).toThrow(/cost of the instruction sleep is not known/);
  });
});
