import type { Database } from 'libsql';
import { randomStream } from './random.ts';
import { paretoFront } from './ranking.ts';
import { parseSettings, requireSameSettings } from './settings.ts';
import { explained, openForReading, openForWriting, transaction } from './storage/connection.ts';
import { beat, closeSession, codeVersions, deadSessions, openSession } from './storage/sessions.ts';
import { TrialStore } from './storage/trial-store.ts';
import { StudyError } from './study-error.ts';
import type { StudySettings } from './settings.ts';
import type { Json, Observation, Problem, Sampler, Scheduler, Trial, TrialState } from './types.ts';

export interface StudyOptions<Configuration> {
  /** The SQLite file; created, with its folder, if it is not there. `:memory:` keeps nothing. */
  readonly path: string;
  readonly problem: Problem<Configuration>;
  readonly sampler: Sampler<Configuration>;
  /** Without one, every trial is a new configuration on rung 0. */
  readonly scheduler?: Scheduler<Configuration>;
  /** An integer in 0…2³²−1. */
  readonly seed: number;
  /** Whatever else makes trials comparable (dataset, rungs, …): resuming with other values is refused. */
  readonly fixed?: Readonly<Record<string, Json>>;
  /** Recorded with each session; a study may be resumed by newer code, see `Study.codeVersions`. */
  readonly codeVersion?: string;
  /** A process that is not heard of for so long has lost its trials. Default one minute. */
  readonly leaseMilliseconds?: number;
}

/** A trial whose process died this often (a crash that its configuration causes, perhaps) is marked failed. */
const mostTimesLost = 3;

/**
 * Opens a study for asking and telling, creating it if need be. Any number of processes may have one study open.
 * Throws a StudyError if the file is not a study, of an unknown schema version, or has other settings.
 */
export function openStudy<Configuration>(options: StudyOptions<Configuration>): Study<Configuration> {
  return new Study(options);
}

export class Study<Configuration> {
  readonly path: string;
  readonly problem: Problem<Configuration>;
  readonly settings: StudySettings;
  private readonly options: StudyOptions<Configuration>;
  private readonly database: Database;
  private readonly store: TrialStore<Configuration>;
  private readonly session: string;
  private readonly leaseMilliseconds: number;
  private readonly timer: NodeJS.Timeout;

  constructor(options: StudyOptions<Configuration>) {
    const { path, problem, seed, fixed = {}, leaseMilliseconds = 60_000 } = options;
    const given = { seed, objectives: problem.objectives, constraints: problem.constraints, fixed };
    this.settings = parseSettings(given, path);
    this.path = path;
    this.problem = problem;
    this.options = options;
    this.leaseMilliseconds = leaseMilliseconds;
    this.database = openForWriting(path);
    this.store = new TrialStore(this.database);
    this.session = this.locked(() => {
      storeOrCheckSettings(this.database, this.settings, path);
      return openSession(this.database, options.codeVersion ?? 'unknown');
    });
    this.timer = setInterval(() => this.beatQuietly(), leaseMilliseconds / 4);
    this.timer.unref();
  }

  /**
   * The next trial to run, given to this handle: one that was lost or released, else a promotion, else a new proposal.
   * Decided and recorded in one transaction, so that no two processes get the same.
   */
  ask(): Trial<Configuration> {
    return this.locked(() => this.giveAgain() ?? this.promote() ?? this.propose());
  }

  /**
   * Completes a trial. On return it is on the disk. False if another process took the trial over in the meantime
   * (this one was silent for longer than its lease): then what this one measured is dropped, the other's will count.
   * Throws a StudyError if an objective or constraint is missing, unknown or not finite, or the trial was told already.
   */
  tell(trial: Pick<Trial<Configuration>, 'id'>, observation: Observation): boolean {
    requireNames(trial, 'objective', observation.objectives, this.objectiveNames(), true);
    requireNames(trial, 'constraint', observation.constraints ?? {}, this.problem.constraints, true);
    return this.finish(trial, 'complete', observation);
  }

  /** Ends a trial that is not worth going on with; says what is known of it. Returns and throws as `tell`. */
  prune(trial: Pick<Trial<Configuration>, 'id'>, observation: Partial<Observation> = {}): boolean {
    const { objectives = {}, constraints = {} } = observation;
    requireNames(trial, 'objective', objectives, this.objectiveNames(), false);
    requireNames(trial, 'constraint', constraints, this.problem.constraints, false);
    return this.finish(trial, 'pruned', { ...observation, objectives, constraints });
  }

  /** Ends a trial that could not be evaluated. Returns and throws as `tell`. */
  fail(
    trial: Pick<Trial<Configuration>, 'id'>,
    reason: string,
    attributes: Readonly<Record<string, Json>> = {},
  ): boolean {
    return this.finish(trial, 'failed', { objectives: {}, attributes: { ...attributes, failure: reason } });
  }

  /** Gives a running trial back unfinished; the next `ask` of any process gets it. */
  release(trial: Pick<Trial<Configuration>, 'id'>): void {
    this.locked(() => this.store.release(this.session, trial.id));
  }

  /** Puts a configuration of the caller's at the head of the queue (a known good one to start from, say). */
  enqueue(configuration: Configuration, parent?: number): Trial<Configuration> {
    return this.locked(() => this.store.insert({ configuration, parent, rung: 0, session: null }));
  }

  /** All trials in order of id, as of now; an unchanged trial is the same object as before. */
  trials(): Trial<Configuration>[] {
    return explained(this.path, () => this.store.all());
  }

  /** Complete, feasible, non-dominated trials, of whatever rung. */
  front(): Trial<Configuration>[] {
    return paretoFront(this.trials(), this.problem.objectives);
  }

  /** Versions of the code that ever wrote to this study; more than one may make its trials hard to compare. */
  codeVersions(): string[] {
    return explained(this.path, () => codeVersions(this.database));
  }

  /** Says that this process lives. Happens by itself, unless the event loop is blocked for longer than the lease. */
  heartbeat(): void {
    explained(this.path, () => beat(this.database, this.session));
  }

  /** Releases this handle's running trials and closes the file. May be called twice. */
  close(): void {
    if (!this.database.open) return;
    clearInterval(this.timer);
    this.locked(() => {
      this.store.release(this.session);
      closeSession(this.database, this.session);
    });
    this.database.close();
  }

  private giveAgain(): Trial<Configuration> | undefined {
    const dead = deadSessions(this.database, this.leaseMilliseconds);
    for (const { trial, session } of this.store.running()) {
      if (session === null) return this.store.giveTo(trial.id, this.session, trial.timesLost);
      if (!dead.has(session)) continue;
      if (trial.timesLost + 1 < mostTimesLost) return this.store.giveTo(trial.id, this.session, trial.timesLost + 1);
      const attributes = { failure: `the process running it died ${mostTimesLost} times` };
      this.store.finish(trial.id, session, 'failed', { objectives: {}, attributes });
    }
    return undefined;
  }

  private promote(): Trial<Configuration> | undefined {
    const trial = this.options.scheduler?.promote(this.store.all());
    if (trial === undefined) return undefined;
    const { configuration, id, rung } = trial;
    return this.store.insert({ configuration, parent: id, rung: rung + 1, session: this.session });
  }

  private propose(): Trial<Configuration> {
    const history = this.store.all();
    const proposal = this.options.sampler.propose(history, randomStream(this.settings.seed, history.length + 1));
    return this.store.insert({ ...proposal, rung: 0, session: this.session });
  }

  private finish(
    { id }: Pick<Trial<Configuration>, 'id'>,
    state: Exclude<TrialState, 'running'>,
    observation: Observation,
  ): boolean {
    return this.locked(() => {
      if (this.store.finish(id, this.session, state, observation)) return true;
      const trial = this.store.get(id);
      if (trial === undefined) throw new StudyError(`${this.path} has no trial ${id}`);
      if (trial.state !== 'running' && trial.timesLost === 0) {
        throw new StudyError(`trial ${id} of ${this.path} was told already: it is ${trial.state}`);
      }
      return false;
    });
  }

  private objectiveNames(): string[] {
    return this.problem.objectives.map((objective) => objective.name);
  }

  private locked<Result>(work: () => Result): Result {
    try {
      return explained(this.path, () => transaction(this.database, work));
    } catch (error) {
      this.store.forget();
      throw error;
    }
  }

  private beatQuietly(): void {
    try {
      this.heartbeat();
    } catch {
      // A missed beat is harmless (another process may take over in the end), and a timer has nobody to tell.
    }
  }
}

/** Reads a study that others may be writing; never writes. Throws a StudyError if there is none. */
export function openStudyForReading<Configuration>(path: string): StudyReader<Configuration> {
  return new StudyReader(path);
}

export class StudyReader<Configuration> {
  readonly path: string;
  readonly settings: StudySettings;
  private readonly database: Database;
  private readonly store: TrialStore<Configuration>;

  constructor(path: string) {
    this.path = path;
    this.database = openForReading(path);
    this.settings = explained(path, () => readSettings(this.database, path));
    this.store = new TrialStore(this.database);
  }

  /** As `Study.trials`. */
  trials(): Trial<Configuration>[] {
    return explained(this.path, () => this.store.all());
  }

  /** As `Study.front`. */
  front(): Trial<Configuration>[] {
    return paretoFront(this.trials(), this.settings.objectives);
  }

  close(): void {
    if (this.database.open) this.database.close();
  }
}

function readSettings(database: Database, path: string): StudySettings {
  const [row] = database.prepare('SELECT settings FROM study').all() as { settings: string }[];
  if (row === undefined) throw new StudyError(`${path} is a study without settings: it is damaged, start another one`);
  return parseSettings(JSON.parse(row.settings), path);
}

function storeOrCheckSettings(database: Database, settings: StudySettings, path: string): void {
  const isNew = database.prepare('SELECT 1 FROM study').all().length === 0;
  if (isNew) database.prepare('INSERT INTO study (settings) VALUES (?)').run(JSON.stringify(settings));
  else requireSameSettings(readSettings(database, path), settings, path);
}

function requireNames(
  { id }: Pick<Trial<unknown>, 'id'>,
  kind: 'objective' | 'constraint',
  values: Readonly<Record<string, number>>,
  names: readonly string[],
  all: boolean,
): void {
  const missing = names.find((name) => values[name] === undefined);
  if (all && missing !== undefined) throw new StudyError(`trial ${id}: ${kind} "${missing}" is missing`);
  for (const [name, value] of Object.entries(values)) {
    if (!names.includes(name)) throw new StudyError(`trial ${id}: the study has no ${kind} "${name}"`);
    if (!Number.isFinite(value))
      throw new StudyError(`trial ${id}: ${kind} "${name}" is ${value}, not a finite number`);
  }
}
