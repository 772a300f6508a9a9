import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { StudyError } from '../study-error.ts';
import { migrate, migrations, pragma, schemaVersion } from './schema.ts';

/** How long one process waits for another's write; a proposal of a slow sampler is made under the lock. */
const busyTimeoutMilliseconds = 60_000;

/** Opens, creates or migrates a study's file. `:memory:` is a study that nobody else sees and that is gone at the end. */
export function openForWriting(path: string): Database.Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  return explained(path, () => {
    const database = new Database(path, { timeout: busyTimeoutMilliseconds });
    schemaVersion(database, path);
    switchToWriteAheadLog(database);
    // FULL: a commit is on the disk before `tell` returns, so that a power cut loses nothing that was told; it costs
    // about a millisecond a trial. (NORMAL would survive kill -9 but not the power cut.)
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    transaction(database, () => migrate(database, path));
    return database;
  });
}

export function openForReading(path: string): Database.Database {
  if (!existsSync(path)) throw new StudyError(`${path}: there is no such study`);
  return explained(path, () => {
    const database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: busyTimeoutMilliseconds });
    schemaVersion(database, path, migrations.length, migrations.length);
    return database;
  });
}

/** Runs `work` under the file's write lock; all of it is kept, or, if it throws, nothing. */
export function transaction<Result>(database: Database.Database, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** SQLite does not wait for its busy timeout when the journal mode changes while another process opens the file. */
function switchToWriteAheadLog(database: Database.Database): void {
  const deadline = Date.now() + busyTimeoutMilliseconds;
  for (;;) {
    try {
      pragma(database, 'journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

const explanations: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'is not a study (not an SQLite file): choose another path',
  SQLITE_CORRUPT: 'is damaged: restore it from a copy, or start another study',
  SQLITE_READONLY: 'cannot be written: check its permissions',
  SQLITE_FULL: 'cannot be written: the disk is full',
  SQLITE_BUSY: 'is locked by another process: try again when that is done',
};

/** Runs `work`; what SQLite throws becomes a StudyError that says what to do. */
export function explained<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      const code = Object.keys(explanations).find((prefix) => error.code.startsWith(prefix));
      if (code !== undefined) throw new StudyError(`${path} ${explanations[code]}`);
    }
    if (String(error).includes('Unable to open connection')) {
      throw new StudyError(`${path} cannot be opened: check that it is a file and its permissions`);
    }
    throw error;
  }
}
