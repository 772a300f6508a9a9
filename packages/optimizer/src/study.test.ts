import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { makeSampler, openStudy, openStudyForReading, StudyError, successiveHalving } from './index.ts';
import { migrate, migrations, schemaVersion } from './storage/schema.ts';
import { evaluateToy, toyProblem, toySpace } from './testing/toy-space.ts';
import type { Toy } from './testing/toy-space.ts';
import type { Study, StudyOptions } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'study-'));
const opened: Study<Toy>[] = [];
let count = 0;
const newPath = () => join(folder, `${count++}.db`);

function open(path: string, change: Partial<StudyOptions<Toy>> = {}): Study<Toy> {
  const options = { path, problem: toyProblem, sampler: makeSampler('random', toyProblem), seed: 5, ...change };
  const study = openStudy(options);
  opened.push(study);
  return study;
}

function run(study: Study<Toy>, trials: number): void {
  for (let i = 0; i < trials; i++) {
    const trial = study.ask();
    study.tell(trial, evaluateToy(trial.configuration));
  }
}

afterAll(() => {
  for (const study of opened) study.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('ask and tell', () => {
  test('a told trial reads back as told, by other handles too', () => {
    const path = newPath();
    const study = open(path);
    const trial = study.ask();
    expect(trial).toMatchObject({ id: 1, rung: 0, state: 'running', objectives: {}, timesLost: 0 });
    const observation = { ...evaluateToy(trial.configuration), attributes: { note: ['ü', 1, null] } };
    expect(study.tell(trial, observation)).toBe(true);
    const reader = openStudyForReading<Toy>(path);
    expect(reader.trials()).toEqual(study.trials());
    expect(reader.trials()[0]).toMatchObject({ state: 'complete', configuration: trial.configuration, ...observation });
    expect(reader.settings).toEqual(study.settings);
    reader.close();
  });

  test('an unchanged trial stays the same object, a changed one does not', () => {
    const study = open(newPath());
    run(study, 2);
    const third = study.ask();
    const before = study.trials();
    study.fail(third, 'broken');
    const after = study.trials();
    expect(after[0]).toBe(before[0]);
    expect(after[2]).not.toBe(before[2]);
    expect(after[2]).toMatchObject({ state: 'failed', attributes: { failure: 'broken' } });
  });

  test('pruned trials keep what is known and are not on the front', () => {
    const study = open(newPath());
    study.prune(study.ask(), { objectives: { error: 0 } });
    expect(study.trials()[0]).toMatchObject({ state: 'pruned', objectives: { error: 0 } });
    expect(study.front()).toEqual([]);
  });

  test.each([
    [{ objectives: { error: 1 } }, 'objective "bytes" is missing'],
    [{ objectives: { error: 1, bytes: NaN } }, 'objective "bytes" is NaN'],
    [{ objectives: { error: 1, bytes: 2, speed: 3 } }, 'no objective "speed"'],
    [{ objectives: { error: 1, bytes: 2 }, constraints: {} }, 'constraint "overflow" is missing'],
  ])('refuses the observation %j', (observation, message) => {
    const study = open(newPath());
    const trial = study.ask();
    expect(() => study.tell(trial, observation)).toThrow(message);
    expect(study.trials()[0].state).toBe('running');
  });

  test('telling twice, or of a trial that is not there, is an error', () => {
    const study = open(newPath());
    const trial = study.ask();
    study.tell(trial, evaluateToy(trial.configuration));
    expect(() => study.fail(trial, 'late')).toThrow('told already: it is complete');
    expect(() => study.fail({ id: 99 }, 'none')).toThrow('has no trial 99');
  });

  test('enqueued configurations come first', () => {
    const study = open(newPath());
    const toy: Toy = { x: 0.25, depth: 2, kind: 'flat' };
    study.enqueue(toy);
    expect(study.ask()).toMatchObject({ id: 1, configuration: toy });
    expect(study.ask().id).toBe(2);
  });

  test('promotions come with their parent and rung', () => {
    const study = open(newPath(), { scheduler: successiveHalving(toyProblem, { rungs: 3, reductionFactor: 2 }) });
    run(study, 30);
    const promoted = study.trials().filter((trial) => trial.rung > 0);
    expect(promoted.length).toBeGreaterThan(5);
    for (const trial of promoted) {
      expect(trial.configuration).toEqual(study.trials()[trial.parent! - 1].configuration);
    }
  });

  test('a sampler that throws leaves the study as it was', () => {
    const path = newPath();
    const throwing = { ...toySpace, sample: () => { throw new Error('no idea'); } }; // prettier-ignore
    const study = open(path, { sampler: makeSampler('random', { ...toyProblem, space: throwing }) });
    expect(() => study.ask()).toThrow('no idea');
    expect(study.trials()).toEqual([]);
    study.enqueue({ x: 0, depth: 0, kind: 'flat' });
    expect(study.ask().id).toBe(1);
  });
});

describe('resuming', () => {
  test('goes on with the same proposals as an uninterrupted study', () => {
    const whole = open(newPath());
    run(whole, 12);
    const path = newPath();
    for (const trials of [5, 3, 4]) {
      const part = open(path);
      run(part, trials);
      part.close();
    }
    const configurations = (study: Study<Toy>) => study.trials().map((trial) => trial.configuration);
    expect(configurations(open(path))).toEqual(configurations(whole));
  });

  test('a closed study hands its running trials to the next', () => {
    const path = newPath();
    const first = open(path);
    const trial = first.ask();
    first.close();
    expect(open(path).ask()).toMatchObject({ id: trial.id, configuration: trial.configuration, timesLost: 0 });
  });

  test('a released trial is given out again; what its former owner tells is dropped', () => {
    const path = newPath();
    const [first, second] = [open(path), open(path)];
    const trial = first.ask();
    first.release(trial);
    expect(second.ask().id).toBe(trial.id);
    expect(first.tell(trial, evaluateToy(trial.configuration))).toBe(false);
    expect(second.tell(trial, evaluateToy(trial.configuration))).toBe(true);
  });

  test('a live process keeps its trials; a silent one loses them, and after three losses the trial has failed', () => {
    const path = newPath();
    const first = open(path);
    const trial = first.ask();
    expect(open(path).ask().id).toBe(2);
    const impatient = () => open(path, { leaseMilliseconds: -1 });
    expect(impatient().ask()).toMatchObject({ id: trial.id, timesLost: 1 });
    expect(impatient().ask()).toMatchObject({ id: trial.id, timesLost: 2 });
    const last = impatient();
    expect(last.ask().id).toBe(2);
    expect(last.trials()[0]).toMatchObject({ state: 'failed' });
    expect(last.trials()[0].attributes.failure).toMatch('died 3 times');
  });

  test('records the versions of the code that wrote', () => {
    const path = newPath();
    open(path, { codeVersion: 'abc' }).close();
    expect(open(path, { codeVersion: 'def' }).codeVersions()).toEqual(['abc', 'def']);
  });

  test.each([
    [{ seed: 6 }, 'seed: 5 there, 6 here'],
    [{ fixed: { dataset: 'cifar10' } }, 'dataset: "mnist" there, "cifar10" here'],
    [{ problem: { ...toyProblem, objectives: [{ name: 'error' }] } }, 'objective bytes: '],
    [{ problem: { ...toyProblem, constraints: [] } }, 'constraints: ["overflow"] there, [] here'],
  ])('refuses other settings: %j', (change, message) => {
    const path = newPath();
    open(path, { fixed: { dataset: 'mnist' } }).close();
    expect(() => open(path, { fixed: { dataset: 'mnist' }, ...change })).toThrow(message);
    expect(() => open(path, { fixed: { dataset: 'mnist' } }).close()).not.toThrow();
  });
});

describe('the file', () => {
  test('what is not a study is refused and left alone', () => {
    const text = newPath();
    writeFileSync(text, 'not a database, but long enough to be taken for one '.repeat(50));
    const before = readFileSync(text);
    expect(() => open(text)).toThrow('is not a study (not an SQLite file)');
    expect(readFileSync(text)).toEqual(before);

    const foreign = newPath();
    const database = new Database(foreign);
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    database.close();
    expect(() => open(foreign)).toThrow('is an SQLite file but not a study');
    expect(() => open(folder)).toThrow(StudyError);
    expect(() => openStudyForReading(newPath())).toThrow('there is no such study');
  });

  test('a newer schema is refused, for reading too', () => {
    const path = newPath();
    open(path).close();
    const database = new Database(path);
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    database.close();
    expect(() => open(path)).toThrow(`has schema version ${migrations.length + 1}, this program knows 1 to`);
    expect(() => openStudyForReading(path)).toThrow('use the program');
  });

  test('a study as schema version 1 wrote it is gone on with, and read', () => {
    const path = newPath();
    const database = new Database(path);
    database.exec(readFileSync(join(import.meta.dirname, 'testing', 'study-version-1.sql'), 'utf8'));
    database.close();
    const study = open(path, { fixed: { dataset: 'mnist' } });
    const [first, second] = study.trials();
    expect(first).toMatchObject({
      state: 'complete',
      rung: 0,
      objectives: { error: 0.5, bytes: 150 },
    });
    expect(second).toMatchObject({ state: 'failed', parent: 1, rung: 1, attributes: { failure: 'Ü' }, timesLost: 3 });
    // The third was running in a process of another machine, long ago.
    expect(study.ask()).toMatchObject({ id: 3, timesLost: 1, configuration: { x: 0.5, depth: 3, kind: 'flat' } });
    expect(study.ask()).toMatchObject({ id: 4, rung: 0 });
    const reader = openStudyForReading<Toy>(path);
    expect(reader.trials()).toEqual(study.trials());
    reader.close();
  });

  test('an older schema is refused by readers, who cannot change it', () => {
    const path = newPath();
    open(path).close();
    const database = new Database(path);
    const newest = migrations.length + 1;
    const line = `${path} has the older schema version ${migrations.length}: go on with the study once`;
    expect(() => schemaVersion(database, path, newest, newest)).toThrow(line);
    database.close();
  });

  test('an older schema is migrated step by step, all or nothing', () => {
    const path = newPath();
    const study = open(path);
    run(study, 3);
    study.close();
    const database = new Database(path);
    const broken = [...migrations, 'ALTER TABLE trials ADD COLUMN colour TEXT', 'NOT SQL'];
    const inTransaction = (steps: readonly string[]) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        migrate(database, path, steps);
        database.exec('COMMIT');
      } catch {
        database.exec('ROLLBACK');
      }
    };
    const version = () => Object.values(database.prepare('PRAGMA user_version').all()[0] as object)[0] as number;
    inTransaction(broken);
    expect(version()).toBe(migrations.length);
    inTransaction(broken.slice(0, -1));
    expect(version()).toBe(migrations.length + 1);
    expect(database.prepare('SELECT id, colour FROM trials').all()).toEqual(
      [1, 2, 3].map((id) => ({ id, colour: null })),
    );
    database.close();
  });
});
