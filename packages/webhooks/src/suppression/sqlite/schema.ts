/**
 * The tables, step by step. The version is in a table of ours and not in `user_version`, since the file may be the database
 * of the application, or that of an outbox.
 */
export const MIGRATIONS: readonly { readonly since: string; readonly sql: string }[] = [
  {
    since: '0.1.0',
    sql: `
CREATE TABLE loudmail_suppressions (
  mailbox TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  code TEXT,
  at INTEGER NOT NULL,
  source TEXT,
  until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE loudmail_soft_bounces (
  mailbox TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (mailbox, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX loudmail_soft_bounces_at ON loudmail_soft_bounces (at);
CREATE INDEX loudmail_suppressions_until ON loudmail_suppressions (until) WHERE until IS NOT NULL;
`,
  },
]
