import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from 'libsql';

/** Whose the running trials are: one row for each handle that was opened for writing. */
interface SessionRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly heartbeatAt: number;
  readonly closedAt: number | null;
}

export function openSession(database: Database, codeVersion: string): string {
  const id = randomUUID();
  const now = Date.now();
  database
    .prepare('INSERT INTO sessions (id, host, pid, codeVersion, openedAt, heartbeatAt) VALUES (?, ?, ?, ?, ?, ?)')
    .run(id, hostname(), process.pid, codeVersion, now, now);
  return id;
}

export function beat(database: Database, id: string): void {
  database.prepare('UPDATE sessions SET heartbeatAt = ? WHERE id = ?').run(Date.now(), id);
}

export function closeSession(database: Database, id: string): void {
  database.prepare('UPDATE sessions SET closedAt = ? WHERE id = ?').run(Date.now(), id);
}

export function codeVersions(database: Database): string[] {
  const rows = database.prepare('SELECT DISTINCT codeVersion FROM sessions ORDER BY codeVersion').all();
  return (rows as { codeVersion: string }[]).map((row) => row.codeVersion);
}

/** Sessions that own running trials and will not tell: closed, their process gone, or silent for longer than the lease. */
export function deadSessions(database: Database, leaseMilliseconds: number): Set<string> {
  const rows = database
    .prepare('SELECT * FROM sessions WHERE id IN (SELECT session FROM trials WHERE state = ?)')
    .all('running') as SessionRow[];
  return new Set(rows.filter((row) => isDead(row, leaseMilliseconds)).map((row) => row.id));
}

function isDead(session: SessionRow, leaseMilliseconds: number): boolean {
  if (session.closedAt !== null || session.heartbeatAt < Date.now() - leaseMilliseconds) return true;
  return session.host === hostname() && !processExists(session.pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
