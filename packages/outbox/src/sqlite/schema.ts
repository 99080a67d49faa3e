/** The tables of the store. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS loudmail_outbox (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'waiting',
  message_id TEXT,
  idempotency_key TEXT,
  priority INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  leased_until INTEGER,
  progress TEXT NOT NULL,
  head BLOB NOT NULL,
  body_size INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS loudmail_outbox_key ON loudmail_outbox (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS loudmail_outbox_due ON loudmail_outbox (priority DESC, due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS loudmail_outbox_leased ON loudmail_outbox (leased_until) WHERE state = 'in-flight';
`
