/** One step from one version of the tables to the next. */
export interface Migration {
  /** The version of `@loudmail/outbox` that brought it. It is written into the file, for the error of an older one. */
  readonly since: string
  /** What it runs. */
  readonly sql: string
}

/**
 * The tables, step by step. The message is in a table of its own, because entries change several times and messages never do.
 * Queries name the index that they need: SQLite would choose another one, and read all that waits.
 * Triggers keep the counts, so that they are read at once however many entries there are.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    since: '0.1.0',
    sql: `
CREATE TABLE loudmail_outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL DEFAULT 'waiting',
  message_id TEXT,
  idempotency_key TEXT,
  priority INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL DEFAULT 0,
  begun_by INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  leased_until INTEGER,
  progress TEXT NOT NULL
) STRICT;
CREATE TABLE loudmail_outbox_message (
  entry INTEGER PRIMARY KEY REFERENCES loudmail_outbox (number) ON DELETE CASCADE,
  body_size INTEGER NOT NULL,
  head BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX loudmail_outbox_key ON loudmail_outbox (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX loudmail_outbox_due ON loudmail_outbox (priority DESC, due_at) WHERE state = 'waiting';
CREATE INDEX loudmail_outbox_leased ON loudmail_outbox (leased_until) WHERE state = 'in-flight';
CREATE INDEX loudmail_outbox_state ON loudmail_outbox (state, id);
CREATE TABLE loudmail_outbox_counts (state TEXT PRIMARY KEY, entries INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO loudmail_outbox_counts VALUES ('waiting', 0), ('in-flight', 0), ('in-doubt', 0), ('dead', 0), ('sent', 0), ('discarded', 0);
CREATE TRIGGER loudmail_outbox_added AFTER INSERT ON loudmail_outbox BEGIN
  UPDATE loudmail_outbox_counts SET entries = entries + 1 WHERE state = new.state;
END;
CREATE TRIGGER loudmail_outbox_removed AFTER DELETE ON loudmail_outbox BEGIN
  UPDATE loudmail_outbox_counts SET entries = entries - 1 WHERE state = old.state;
END;
CREATE TRIGGER loudmail_outbox_moved AFTER UPDATE OF state ON loudmail_outbox WHEN new.state <> old.state BEGIN
  UPDATE loudmail_outbox_counts SET entries = entries - 1 WHERE state = old.state;
  UPDATE loudmail_outbox_counts SET entries = entries + 1 WHERE state = new.state;
END;
`,
  },
]
