import type { Database } from 'libsql';
import type { Json, Observation, Trial, TrialState } from '../types.ts';

interface TrialRow {
  readonly id: number;
  readonly configuration: string;
  readonly parent: number | null;
  readonly rung: number;
  readonly state: TrialState;
  readonly session: string | null;
  readonly timesLost: number;
  readonly objectives: string;
  readonly constraints: string;
  readonly attributes: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly revision: number;
}

export interface NewTrial<Configuration> {
  readonly configuration: Configuration;
  readonly parent?: number;
  readonly rung: number;
  /** Null: it waits to be given out. */
  readonly session: string | null;
}

const nextRevision = '(SELECT COALESCE(MAX(revision), 0) + 1 FROM trials)';

/**
 * The table of trials. Reading is incremental: an unchanged trial stays the same object, so callers may cache by
 * identity. Writing methods that do more than one statement are called within a transaction.
 */
export class TrialStore<Configuration> {
  private readonly database: Database;
  private readonly cache: Trial<Configuration>[] = [];
  private readonly owners = new Map<number, string | null>();
  private revision = 0;

  constructor(database: Database) {
    this.database = database;
  }

  /** All trials in order of id, as of now. */
  all(): Trial<Configuration>[] {
    const changed = this.database
      .prepare('SELECT * FROM trials WHERE revision > ? ORDER BY revision')
      .all(this.revision) as TrialRow[];
    for (const row of changed) {
      this.cache[row.id - 1] = trialOf(row);
      this.revision = row.revision;
      if (row.state === 'running') this.owners.set(row.id, row.session);
      else this.owners.delete(row.id);
    }
    return [...this.cache];
  }

  get(id: number): Trial<Configuration> | undefined {
    return this.all()[id - 1];
  }

  /** To be called when a transaction was rolled back: what was read inside of it is no longer true. */
  forget(): void {
    this.cache.length = 0;
    this.owners.clear();
    this.revision = 0;
  }

  /** Running trials in order of id with the session that each belongs to. */
  running(): { trial: Trial<Configuration>; session: string | null }[] {
    const trials = this.all();
    const ids = [...this.owners.keys()].sort((a, b) => a - b);
    return ids.map((id) => ({ trial: trials[id - 1], session: this.owners.get(id) ?? null }));
  }

  insert(trial: NewTrial<Configuration>): Trial<Configuration> {
    const { lastInsertRowid } = this.database
      .prepare(
        `INSERT INTO trials (id, configuration, parent, rung, state, session, startedAt, revision)
         VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM trials), ?, ?, ?, 'running', ?, ?, ${nextRevision})`,
      )
      .run(JSON.stringify(trial.configuration), trial.parent ?? null, trial.rung, trial.session, Date.now());
    return this.all()[Number(lastInsertRowid) - 1];
  }

  giveTo(id: number, session: string, timesLost: number): Trial<Configuration> {
    this.database
      .prepare(
        `UPDATE trials SET session = ?, timesLost = ?, startedAt = ?, revision = ${nextRevision}
         WHERE id = ? AND state = 'running'`,
      )
      .run(session, timesLost, Date.now(), id);
    return this.all()[id - 1];
  }

  /** Takes running trials from a session: all of them, or one. They wait to be given out. */
  release(session: string, id?: number): void {
    const ids = this.running()
      .filter((entry) => entry.session === session && (id === undefined || entry.trial.id === id))
      .map((entry) => entry.trial.id);
    const statement = this.database.prepare(
      `UPDATE trials SET session = NULL, revision = ${nextRevision} WHERE id = ? AND session = ? AND state = 'running'`,
    );
    for (const running of ids) statement.run(running, session);
  }

  /** A single statement, so it happens wholly or not at all. False if the trial is not running in that session (any more). */
  finish(id: number, session: string | null, state: Exclude<TrialState, 'running'>, told: Observation): boolean {
    const { changes } = this.database
      .prepare(
        `UPDATE trials SET state = ?, objectives = ?, constraints = ?, attributes = ?, finishedAt = ?,
           revision = ${nextRevision}
         WHERE id = ? AND state = 'running' AND session IS ?`,
      )
      .run(
        state,
        JSON.stringify(told.objectives),
        JSON.stringify(told.constraints ?? {}),
        JSON.stringify(told.attributes ?? {}),
        Date.now(),
        id,
        session,
      );
    return changes === 1;
  }
}

function trialOf<Configuration>(row: TrialRow): Trial<Configuration> {
  return {
    id: row.id,
    configuration: JSON.parse(row.configuration) as Configuration,
    ...(row.parent === null ? {} : { parent: row.parent }),
    rung: row.rung,
    state: row.state,
    objectives: JSON.parse(row.objectives) as Record<string, number>,
    constraints: JSON.parse(row.constraints) as Record<string, number>,
    attributes: JSON.parse(row.attributes) as Record<string, Json>,
    startedAt: row.startedAt,
    ...(row.finishedAt === null ? {} : { finishedAt: row.finishedAt }),
    timesLost: row.timesLost,
  };
}
