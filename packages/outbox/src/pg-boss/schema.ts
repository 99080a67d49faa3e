import { getConstructionPlans, type Db } from 'pg-boss'
import { MailError } from '@loudmail/core'

/** What is in the database by this version. Each later version adds its changes to `STEPS`. */
const STEPS: readonly ((schema: string) => string)[] = [
  (schema) => `
CREATE TABLE ${schema}.entry (
  id uuid PRIMARY KEY,
  state text NOT NULL DEFAULT 'waiting',
  message_id text,
  idempotency_key text,
  priority integer NOT NULL,
  due_at bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  lease bigint NOT NULL DEFAULT 0,
  leased_until timestamptz,
  begun boolean NOT NULL DEFAULT false,
  begun_by bigint,
  progress text NOT NULL,
  head bytea NOT NULL,
  body_size bigint NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX entry_key ON ${schema}.entry (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX entry_state ON ${schema}.entry (state, id);
CREATE INDEX entry_leased ON ${schema}.entry (leased_until) WHERE state = 'in-flight';
CREATE TABLE ${schema}.chunk (
  entry_id uuid,
  place integer,
  content bytea NOT NULL,
  PRIMARY KEY (entry_id, place)
);
ALTER TABLE ${schema}.chunk ALTER content SET STORAGE EXTERNAL;
`,
]

/** Where the tables are. */
export interface SchemaNames {
  /** Of the messages. @default 'loudmail' */
  readonly schema?: string | undefined
  /** Of pg-boss. @default 'pgboss' */
  readonly bossSchema?: string | undefined
}

/**
 * The SQL that creates every table of the outbox and of pg-boss in an empty database, for an owner to run, if the role of the
 * application may not create any. Give that role USAGE of both schemas, EXECUTE of the functions of pg-boss's, and SELECT,
 * INSERT, UPDATE and DELETE of the tables.
 */
export function pgBossSchema({ schema = 'loudmail', bossSchema = 'pgboss' }: SchemaNames = {}): string {
  return `${getConstructionPlans(bossSchema)}
BEGIN;
CREATE SCHEMA IF NOT EXISTS ${schema};
${versionTable(schema)}
${STEPS.map((step) => step(schema)).join('')}
INSERT INTO ${schema}.version (version) VALUES (${STEPS.length});
COMMIT;
`
}

const versionTable = (schema: string): string =>
  `CREATE TABLE IF NOT EXISTS ${schema}.version (version integer NOT NULL);`

/** Creates the tables, or brings them to this version: in one transaction, one process at a time. */
export async function migrate(db: Db, schema: string, store: string): Promise<void> {
  const current = await versionOf(db, schema)
  if (current === STEPS.length) return
  await db.executeSql(`SELECT pg_advisory_xact_lock(hashtextextended('loudmail ${schema}', 0))`)
  const version = (await versionOf(db, schema)) ?? 0
  if (version > STEPS.length)
    throw new MailError({
      stage: 'submit',
      kind: 'storage',
      summary: `the tables in the schema ${schema} are of version ${version}, and this program knows ${STEPS.length}`,
      hint: 'A newer version of @loudmail/outbox has changed them: update this program as well.',
      permanence: 'permanent',
      transport: store,
    })
  if (version === STEPS.length) return
  if (version === 0) {
    await db.executeSql(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await db.executeSql(versionTable(schema))
    await db.executeSql(`INSERT INTO ${schema}.version (version) VALUES (0)`)
  }
  for (const step of STEPS.slice(version)) await db.executeSql(step(schema))
  await db.executeSql(`UPDATE ${schema}.version SET version = ${STEPS.length}`)
}

async function versionOf(db: Db, schema: string): Promise<number | undefined> {
  // Not by to_regclass(): within a transaction, it does not see what another one has just created.
  const { rows: tables } = await db.executeSql(
    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relname = 'version'",
    [schema],
  )
  if (tables.length === 0) return undefined
  const { rows } = await db.executeSql(`SELECT version FROM ${schema}.version`)
  return Number(rows[0]?.version ?? 0)
}
