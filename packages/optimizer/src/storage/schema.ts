import type { Database } from 'libsql';
import { StudyError } from '../study-error.ts';

/** `PRAGMA application_id` of a study's file: "SPRW". Tells our files from other SQLite files. */
export const applicationId = 0x53505257;

/**
 * `migrations[n]` takes a file from schema version n to n + 1; the version is kept in `PRAGMA user_version`. Files in the
 * wild have every version, so a migration that was released is never edited: append the next one.
 */
export const migrations: readonly string[] = [
  `
  -- One row: the settings that the study was created with, as JSON.
  CREATE TABLE study (settings TEXT NOT NULL);

  -- One row for each handle that was ever opened for writing; a running trial belongs to one.
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    codeVersion TEXT NOT NULL,
    openedAt INTEGER NOT NULL,
    heartbeatAt INTEGER NOT NULL,
    closedAt INTEGER
  ) WITHOUT ROWID;

  CREATE TABLE trials (
    id INTEGER PRIMARY KEY,
    configuration TEXT NOT NULL,
    parent INTEGER REFERENCES trials (id),
    rung INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'pruned', 'failed')),
    -- Null while a running trial waits to be given out.
    session TEXT REFERENCES sessions (id),
    timesLost INTEGER NOT NULL DEFAULT 0,
    objectives TEXT NOT NULL DEFAULT '{}',
    constraints TEXT NOT NULL DEFAULT '{}',
    attributes TEXT NOT NULL DEFAULT '{}',
    startedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    -- Rises with every write to any trial, so that a reader fetches only what changed.
    revision INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX trialsByRevision ON trials (revision);
  CREATE INDEX runningTrials ON trials (id) WHERE state = 'running';
  `,
];

export function pragma(database: Database, name: string): unknown {
  const [row] = database.prepare(`PRAGMA ${name}`).all() as Record<string, unknown>[];
  return row === undefined ? undefined : Object.values(row)[0];
}

/**
 * The file's schema version, 0 if it is empty. Throws a StudyError if it is not a study, or of a version above `newest` or
 * below `oldest`.
 */
export function schemaVersion(database: Database, path: string, newest = migrations.length, oldest = 1): number {
  const version = Number(pragma(database, 'user_version'));
  const empty = Number(pragma(database, 'schema_version')) === 0;
  if (empty && version === 0) return 0;
  if (Number(pragma(database, 'application_id')) !== applicationId) {
    throw new StudyError(`${path} is an SQLite file but not a study: choose another path`);
  }
  if (version < 1 || version > newest) {
    throw new StudyError(
      `${path} has schema version ${version}, this program knows 1 to ${newest}: use the program's version that wrote it`,
    );
  }
  if (version < oldest) {
    throw new StudyError(
      `${path} has the older schema version ${version}: go on with the study once, which brings it to version ${newest}`,
    );
  }
  return version;
}

/** Brings the file to the newest version. The caller holds the write lock: all or nothing. */
export function migrate(database: Database, path: string, steps: readonly string[] = migrations): void {
  for (let version = schemaVersion(database, path, steps.length); version < steps.length; version++) {
    database.exec(steps[version]);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}`);
  }
}
