import { execFile } from 'node:child_process'
import { inspect, promisify } from 'node:util'
import { MailError } from '@loudmail/core'
import { pgBoss, pgBossSchema } from '@loudmail/outbox/pg-boss'
import type { OutboxStore } from '@loudmail/outbox/store'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type Postgres } from '../../src/postgres.ts'
import { newEntry } from './new-entry.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' })
  await server.query("CREATE ROLE ann LOGIN PASSWORD 'swordfish'")
})
afterAll(() => server.close())

const opened: OutboxStore[] = []
function open(...target: Parameters<typeof pgBoss>): OutboxStore {
  const store = pgBoss(...target)
  opened.push(store)
  return store
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

const nameOf = (url: string): string => new URL(url).pathname.slice(1)
const asAnn = (url: string): string => server.url(nameOf(url), 'ann', 'swordfish')

async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!MailError.is(error)) throw new Error('it should have failed', { cause: error })
  expect(inspect(error)).not.toMatch(/sesame|swordfish/)
  return error
}

interface Case {
  readonly permanence: 'permanent' | 'transient'
  readonly summary: RegExp
  readonly hint: RegExp
  /** Breaks something, and returns a store. */
  readonly broken: () => Promise<OutboxStore>
}

/** What an administrator or a disk can do, and what the caller of add() is told. */
const CASES: Readonly<Record<string, Case>> = {
  'a wrong password': {
    permanence: 'permanent',
    summary: /password.*28P01/,
    hint: /user and password/,
    broken: async () => open(server.url(nameOf(await server.database()), 'postgres', 'swordfish')),
  },
  'a user that does not exist': {
    permanence: 'permanent',
    summary: /28P01/,
    hint: /user/,
    broken: async () => open(server.url('postgres', 'nobody', 'swordfish')),
  },
  'a database that does not exist': {
    permanence: 'permanent',
    summary: /does not exist.*3D000/,
    hint: /Create it/,
    broken: async () => open(server.url('missing')),
  },
  'a role that may create nothing': {
    permanence: 'permanent',
    summary: /permit.*42501/,
    hint: /pgBossSchema\(\)/,
    broken: async () => open(asAnn(await server.database())),
  },
  'no tables, and `migrate: false`': {
    permanence: 'permanent',
    summary: /tables of the outbox are missing/,
    hint: /pgBossSchema\(\)/,
    broken: async () => open({ url: await server.database(), migrate: false }),
  },
  'tables of pg-boss alone, and `migrate: false`': {
    permanence: 'permanent',
    summary: /table.* missing/,
    hint: /pgBossSchema\(\)/,
    broken: async () => {
      const url = await server.database()
      await open(url).open()
      await server.query('DROP SCHEMA loudmail CASCADE', nameOf(url))
      return open({ url, migrate: false })
    },
  },
  'too many connections': {
    permanence: 'transient',
    summary: /connections.*53300/,
    hint: /max_connections/,
    broken: async () => {
      const url = await server.database()
      await server.query(`ALTER DATABASE ${nameOf(url)} CONNECTION LIMIT 0`)
      return open(asAnn(url))
    },
  },
  'a server that only reads since a failover': {
    permanence: 'transient',
    summary: /only reads.*25006/,
    hint: /primary/,
    broken: async () => {
      const url = await server.database()
      const store = open(`${url}?application_name=reader`)
      await store.open()
      await server.query(`ALTER DATABASE ${nameOf(url)} SET default_transaction_read_only = on`)
      await server.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${nameOf(url)}'`,
      )
      // The pool notices that its connections are gone.
      await expect
        .poll(() =>
          store.counts().then(
            () => true,
            () => false,
          ),
        )
        .toBe(true)
      return store
    },
  },
  'a statement that takes too long': {
    permanence: 'transient',
    summary: /too long.*57014/,
    hint: /statement_timeout/,
    broken: async () => {
      const url = await server.database()
      const store = open(`${url}?options=${encodeURIComponent('-c statement_timeout=400')}`)
      await store.open()
      await lock(url)
      return store
    },
  },
  'a full disk': {
    permanence: 'transient',
    summary: /disk.*full.*53100/,
    hint: /room/,
    broken: async () => {
      const url = await onSmallDisk()
      const store = open(url)
      await store.open()
      await fill(url)
      return store
    },
  },
}

const clients: Client[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
})

/** Another session keeps the table. */
async function lock(url: string): Promise<void> {
  const client = new Client(url)
  clients.push(client)
  await client.connect()
  await client.query('BEGIN; LOCK TABLE loudmail.entry IN ACCESS EXCLUSIVE MODE')
}

let disk: string | undefined
/** A database whose tables are on a disk of 32 MiB. */
async function onSmallDisk(): Promise<string> {
  disk = await server.folder('/var/lib/postgresql/small')
  await promisify(execFile)('mount', [
    '-t',
    'tmpfs',
    '-o',
    'size=32m,uid=5432,gid=5432,mode=700',
    'tmpfs',
    disk,
  ])
  await server.query("CREATE TABLESPACE small LOCATION '/var/lib/postgresql/small'")
  const url = await server.database()
  await server.query(`ALTER DATABASE ${nameOf(url)} SET TABLESPACE small`)
  return url
}

async function fill(url: string): Promise<void> {
  const loop = (octets: number): string => `LOOP
    BEGIN INSERT INTO filler SELECT repeat('x', ${octets}) FROM generate_series(1, 100);
    EXCEPTION WHEN disk_full THEN EXIT; END;
  END LOOP;`
  await server.query(
    `CREATE TABLE filler (content text);
     ALTER TABLE filler ALTER content SET STORAGE PLAIN;
     DO $$ BEGIN ${loop(1_000)} ${loop(10)} END $$`,
    nameOf(url),
  )
}

afterAll(async () => {
  if (disk !== undefined) await promisify(execFile)('umount', ['-l', disk])
})

describe('add()', () => {
  it.each(Object.entries(CASES))('with %s fails with what to do, and keeps nothing', async (_what, each) => {
    const store = await each.broken()
    const entry = newEntry({
      body: {
        async *open() {
          yield Buffer.alloc(400_000)
        },
      },
    })
    const error = await failureOf(store.add(entry))
    expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none', permanence: each.permanence })
    expect(error.summary).toMatch(each.summary)
    expect(error.hint).toMatch(each.hint)
    expect(store.name).not.toMatch(/sesame|swordfish/)
    const plain = await failureOf(store.add(newEntry()))
    expect(plain).toMatchObject({ code: 'submit/storage', delivered: 'none' })
  })
})

describe('pgBoss()', () => {
  it.each<[string, Parameters<typeof pgBoss>[0], RegExp]>([
    ['no URL', '', /url must begin with postgres:/],
    ['a URL of another kind', 'mysql://ann:swordfish@db/mail', /url must begin with postgres:/],
    ['neither a URL nor connections', {}, /one of url, connection and executor/],
    ['two ways to connect', { url: 'postgres://db/mail', connection: {} }, /one of/],
    ['a schema that is no name', { url: 'postgres://db/mail', schema: 'a; b' }, /schema/],
    ['one schema for both', { url: 'postgres://db/mail', schema: 'pgboss' }, /differ/],
    ['an executor without transactions', { executor: { executeSql: 1 } as never }, /Pool of pg/],
    ['a misspelled option', { url: 'postgres://db/mail', conections: 3 } as never, /conections/],
  ])('refuses %s when it is made', (_what, target, words) => {
    expect(() => pgBoss(target)).toThrow(words)
    expect(() => pgBoss(target)).toThrow(expect.objectContaining({ code: 'config/invalid-config' }))
    expect(() => pgBoss(target)).not.toThrow(/swordfish/)
  })

  it('shows host and database in its name, and no more', () => {
    expect(pgBoss('postgres://ann:sword%20fish@db.example:6432/mail?ssl=true').name).toBe(
      'pgBoss(db.example/mail)',
    )
    expect(pgBoss({ connection: { host: 'db', database: 'mail', password: 'swordfish' } }).name).toBe(
      'pgBoss(db/mail)',
    )
  })
})

describe('using', () => {
  it('must be a client, not the pool it is from', async () => {
    const url = await server.database()
    const pool = new Pool({ connectionString: url })
    const error = await failureOf(open(url).add(newEntry(), pool))
    expect(error).toMatchObject({ code: 'config/invalid-config' })
    expect(error.summary).toMatch(/Pool/)
    await pool.end()
  })

  it('must be in a transaction: nothing is kept otherwise', async () => {
    const url = await server.database()
    const store = open(url)
    const client = new Client(url)
    clients.push(client)
    await client.connect()
    const bare = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) }
    const body = {
      async *open() {
        yield Buffer.alloc(400_000)
      },
    }
    for (const using of [client, bare]) {
      const error = await failureOf(store.add(newEntry({ body }), using))
      expect(error).toMatchObject({ code: 'config/invalid-config' })
      expect(error.summary).toMatch(/no transaction is open/)
    }
    expect((await store.counts()).waiting).toBe(0)
    expect(await server.query('SELECT FROM loudmail.chunk', nameOf(url))).toHaveLength(0)
  })

  it('in a transaction that failed before says so', async () => {
    const url = await server.database()
    const store = open(url)
    await store.open()
    const client = new Client(url)
    clients.push(client)
    await client.connect()
    await client.query('BEGIN')
    await client.query('SELECT 1/0').catch(() => {})
    expect(await failureOf(store.add(newEntry(), client))).toMatchObject({
      code: 'submit/storage',
      summary: expect.stringMatching(/25P02/) as string,
    })
  })

  it('waits for another transaction with the same key, and knows what became of that one', async () => {
    const url = await server.database()
    const store = open(url)
    await store.open()
    for (const end of ['COMMIT', 'ROLLBACK']) {
      const idempotencyKey = `order ${end}`
      const [first, second] = [new Client(url), new Client(url)]
      clients.push(first, second)
      await Promise.all([first.connect(), second.connect()])
      await Promise.all([first.query('BEGIN'), second.query('BEGIN')])
      const entry = newEntry({ idempotencyKey })
      await store.add(entry, first)
      const waiting = [
        store.add(newEntry({ idempotencyKey }), second),
        store.add(newEntry({ idempotencyKey })),
      ]
      // Others do not wait with them.
      await store.add(newEntry())
      await store.add(newEntry({ idempotencyKey: `other ${end}` }))
      await first.query(end)
      const inTransaction = await waiting[0]!
      await second.query('COMMIT')
      const added = [inTransaction, await waiting[1]!]
      const news = added.filter(({ isNew }) => isNew)
      expect(news).toHaveLength(end === 'COMMIT' ? 0 : 1)
      expect(new Set(added.map(({ id }) => id))).toEqual(new Set([end === 'COMMIT' ? entry.id : news[0]!.id]))
    }
  })
})

describe('list()', () => {
  it('refuses to go on after what is no id', async () => {
    const store = open(await server.database())
    const error = await failureOf(store.list({ after: 'first' })[Symbol.asyncIterator]().next())
    expect(error).toMatchObject({
      code: 'config/invalid-config',
      summary: 'after must be the id of an entry',
    })
  })
})

describe('change()', () => {
  it('is made only if nobody changed the entry since it was read', async () => {
    const url = await server.database()
    const store = open(url) as ReturnType<typeof pgBoss> & {
      change(...args: [...Parameters<OutboxStore['change']>, updatedAt?: number]): Promise<boolean>
    }
    const { id } = await store.add(newEntry())
    const read = async (): Promise<number> => (await store.get(id))!.updatedAt
    const times = [await read()]
    const change = async (
      from: 'waiting' | 'dead',
      state: 'waiting' | 'dead',
      at?: number,
    ): Promise<boolean> => {
      const isChanged = await store.change(id, [from], { state }, at)
      if (isChanged) times.push(await read())
      return isChanged
    }
    expect(await change('waiting', 'dead', times[0])).toBe(true)
    expect(await change('dead', 'waiting', times[0])).toBe(false)
    // A clock that was set back makes no difference.
    await server.query('UPDATE loudmail.entry SET updated_at = updated_at + 3600000', nameOf(url))
    times.push(await read())
    expect(await change('dead', 'waiting', times.at(-1))).toBe(true)
    const [lease] = await store.lease(1, 60_000)
    times.push(await read())
    expect(await store.settle(lease!, { state: 'dead' })).toBe(true)
    times.push(await read())
    expect(await change('dead', 'waiting')).toBe(true)
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
  })
})

describe('the tables', () => {
  it('can be created beforehand, for a role that may create nothing', async () => {
    const url = await server.database()
    await server.query(pgBossSchema(), nameOf(url))
    await server.query(
      ['loudmail', 'pgboss']
        .map(
          (schema) => `GRANT USAGE ON SCHEMA ${schema} TO ann;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ann;
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ann;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ann;`,
        )
        .join(''),
      nameOf(url),
    )
    for (const migrate of [true, false]) {
      const store = open({ url: asAnn(url), migrate })
      await store.add(newEntry())
      const [lease] = await store.lease(1, 60_000)
      expect(await store.begin(lease!)).toBe(true)
      expect(await store.settle(lease!, { state: 'sent', dropsMessage: true })).toBe(true)
    }
  })

  it('of a newer version are refused, and stay as they are', async () => {
    const url = await server.database()
    await open(url).open()
    await server.query('UPDATE loudmail.version SET version = 99', nameOf(url))
    const error = await failureOf(open(url).add(newEntry()))
    expect(error).toMatchObject({ code: 'submit/storage', permanence: 'permanent', delivered: 'none' })
    expect(error.summary).toMatch(/version 99/)
    expect(error.hint).toMatch(/update this program/)
    expect(await server.query('SELECT version FROM loudmail.version', nameOf(url))).toEqual([{ version: 99 }])
  })

  it('can be in schemas of other names, two outboxes in one database', async () => {
    const url = await server.database()
    const stores = ['first', 'second'].map((schema) => open({ url, schema, bossSchema: 'jobs' }))
    await Promise.all(stores.map((store) => store.open()))
    await stores[0]!.add(newEntry())
    expect(await stores[1]!.lease(1, 60_000)).toEqual([])
    expect(await stores[0]!.lease(1, 60_000)).toHaveLength(1)
  })
})

describe('jobs of pg-boss follow the entries', () => {
  it('an entry whose job was removed in pg-boss gets a new one', async () => {
    const url = await server.database()
    const entry = newEntry()
    await open(url).add(entry)
    await server.query('DELETE FROM pgboss.job', nameOf(url))
    expect((await open(url).lease(1, 60_000)).map((lease) => lease.entry.id)).toEqual([entry.id])
  })

  it('also if it is one of many', async () => {
    const url = await server.database()
    const store = open(url)
    const entries = Array.from({ length: 2_500 }, () => newEntry())
    await Promise.all(entries.map((entry) => store.add(entry)))
    const { id } = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-3)!
    await server.query(`DELETE FROM pgboss.job WHERE id = '${id}'`, nameOf(url))
    const other = open(url)
    await expect
      .poll(async () => (await other.lease(1_000, 600_000)).some(({ entry }) => entry.id === id), {
        interval: 0,
        timeout: 20_000,
      })
      .toBe(true)
  })

  it('a job whose entry does not wait is removed', async () => {
    const url = await server.database()
    const store = open(url)
    await store.add(newEntry())
    await server.query("UPDATE loudmail.entry SET state = 'discarded'", nameOf(url))
    expect(await store.lease(1, 60_000)).toEqual([])
    expect(await server.query('SELECT FROM pgboss.job', nameOf(url))).toHaveLength(0)
  })

  it('a job that pg-boss hands out again does not end the lease of its entry', async () => {
    const url = await server.database()
    const store = open(url)
    await store.add(newEntry())
    const [lease] = await store.lease(1, 60_000)
    await server.query("UPDATE pgboss.job SET state = 'retry'", nameOf(url))
    expect(await store.lease(1, 60_000)).toEqual([])
    expect(await store.begin(lease!)).toBe(true)
    expect(await store.settle(lease!, { state: 'sent' })).toBe(true)
    expect(await server.query('SELECT FROM pgboss.job', nameOf(url))).toHaveLength(0)
  })

  it('a server that confirms commits before they are on disk is told to wait', async () => {
    const url = await server.database()
    await server.query(`ALTER DATABASE ${nameOf(url)} SET synchronous_commit = off`)
    const store = open(url)
    await store.open()
    await server.query(
      `CREATE TABLE loudmail.seen (setting text);
       CREATE FUNCTION loudmail.see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO loudmail.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
       CREATE TRIGGER see AFTER INSERT OR UPDATE ON loudmail.entry EXECUTE FUNCTION loudmail.see()`,
      nameOf(url),
    )
    await store.add(newEntry())
    const [lease] = await store.lease(1, 60_000)
    await store.begin(lease!)
    await store.settle(lease!, { state: 'sent' })
    const seen = await server.query('SELECT DISTINCT setting FROM loudmail.seen', nameOf(url))
    expect(seen).toEqual([{ setting: 'on' }])
  })
})
