-- A study as programs of schema version 1 wrote it: what they left in the wild must be read for ever. Not to be edited.
PRAGMA application_id = 1397772887;
PRAGMA user_version = 1;
CREATE TABLE study (settings TEXT NOT NULL);
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
  session TEXT REFERENCES sessions (id),
  timesLost INTEGER NOT NULL DEFAULT 0,
  objectives TEXT NOT NULL DEFAULT '{}',
  constraints TEXT NOT NULL DEFAULT '{}',
  attributes TEXT NOT NULL DEFAULT '{}',
  startedAt INTEGER NOT NULL,
  finishedAt INTEGER,
  revision INTEGER NOT NULL
);
CREATE UNIQUE INDEX trialsByRevision ON trials (revision);
CREATE INDEX runningTrials ON trials (id) WHERE state = 'running';
INSERT INTO study VALUES ('{"seed":5,"objectives":[{"name":"error"},{"name":"bytes","scale":"log"}],"constraints":["overflow"],"fixed":{"dataset":"mnist"}}');
INSERT INTO sessions VALUES ('4f1c', 'elsewhere', 4711, 'abc', 1750000000000, 1750000030000, NULL);
INSERT INTO trials VALUES (1, '{"x":0.25,"depth":1,"kind":"flat"}', NULL, 0, 'complete', '4f1c', 0, '{"error":0.5,"bytes":150}', '{"overflow":-450}', '{}', 1750000000000, 1750000010000, 4);
INSERT INTO trials VALUES (2, '{"x":0.25,"depth":1,"kind":"flat"}', 1, 1, 'failed', '4f1c', 3, '{}', '{}', '{"failure":"Ü"}', 1750000010000, 1750000020000, 5);
INSERT INTO trials VALUES (3, '{"x":0.5,"depth":3,"kind":"flat"}', NULL, 0, 'running', '4f1c', 0, '{}', '{}', '{}', 1750000020000, NULL, 6);
