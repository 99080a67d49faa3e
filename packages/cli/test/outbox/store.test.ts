import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { passwordsIn } from '../../src/terminal/passwords-in.ts'
import { loudmail } from '../cli.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { filledOutbox } from './filled-outbox.ts'

const COMMANDS = [
  [],
  ['list'],
  ['show', '01a'],
  ['retry', '01a'],
  ['retry', '--all', '--state', 'dead', '--yes'],
  ['resolve', '01a', '--delivered'],
  ['discard', '01a'],
  ['purge', '--sent', '--older-than', '1d', '--yes'],
  ['work', '--url', 'smtp://127.0.0.1:1'],
]

describe('where the outbox is', () => {
  it.each(COMMANDS)(
    'a file that is not there is an error, and is not made: %s %s %s %s %s',
    async (...args) => {
      const file = join(temporaryFolder(), 'mail.db')
      const { stdout, stderr, status } = await loudmail(['outbox', ...args.filter(Boolean), '--store', file])
      expect(stderr).toBe(`loudmail: there is no file ${file}\n`)
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
      expect(existsSync(file)).toBe(false)
    },
  )

  it('a file without an outbox is an error, and does not get one', async () => {
    const folder = temporaryFolder({
      'text.db': 'This is a text, and not a database, whatever its name says.\n',
    })
    const database = new DatabaseSync(join(folder, 'app.db'))
    database.exec('CREATE TABLE orders (id)')
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'empty.db'), '')
    const errorOf = async (file: string): Promise<string> =>
      (await loudmail(['outbox', '--store', file], { cwd: folder })).stderr
    expect(await errorOf('app.db')).toBe('loudmail: there is no outbox in app.db\n')
    expect(await errorOf('empty.db')).toBe('loudmail: there is no outbox in empty.db\n')
    expect(await errorOf('text.db')).toBe('loudmail: there is no outbox in text.db\n')
    expect(await errorOf('folder')).toBe('loudmail: folder is a folder, not a file\n')
    const tables = database.prepare('SELECT name FROM sqlite_schema').all()
    database.close()
    expect(tables).toEqual([{ name: 'orders' }])
  })

  it('comes from --store, --store-env, LOUDMAIL_OUTBOX or .env', async () => {
    const { folder, file } = await filledOutbox(['bob'])
    const others = temporaryFolder({ '.env': `LOUDMAIL_OUTBOX=${file}\nORDERS_OUTBOX=${file}\n` })
    const runs = [
      await loudmail(['outbox', '--json', '--store', 'mail.db'], { cwd: folder }),
      await loudmail(['outbox', '--json'], { env: { LOUDMAIL_OUTBOX: file } }),
      await loudmail(['outbox', '--json'], { cwd: others }),
      await loudmail(['outbox', '--json', '--store-env', 'ORDERS_OUTBOX'], { cwd: others }),
      await loudmail(['outbox', '--json', '--store', file], { env: { LOUDMAIL_OUTBOX: 'nowhere' } }),
    ]
    for (const run of runs)
      expect(run).toMatchObject({ stdout: expect.stringContaining('"sent":1') as string, status: 0 })
  })

  it.each([
    [
      [],
      'where the outbox is, is missing: add --store mail.db or --store postgres://user@host/name, or set LOUDMAIL_OUTBOX',
    ],
    [['--store', 'a.db', '--store-env', 'A'], '--store and --store-env exclude each other'],
    [['--store-env', 'ORDERS_OUTBOX'], 'ORDERS_OUTBOX, which --store-env names, is not set'],
    [['--store', 'mysql://localhost/mail'], '--store takes a file, or a URL that begins with postgres://'],
  ])('%j: it says what to change', async (args, message) => {
    const { stdout, stderr, status } = await loudmail(['outbox', ...args], { cwd: temporaryFolder() })
    expect(stderr).toContain(`loudmail: ${message}`)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it('a store that cannot be read is a failure, with what to do', async () => {
    const { file } = await filledOutbox(['bob'])
    const broken = new DatabaseSync(file)
    broken.exec('DROP TABLE loudmail_outbox; CREATE TABLE loudmail_outbox (a)')
    broken.close()
    const { stdout, stderr, status } = await loudmail(['outbox', '--store', file])
    expect(stderr).toMatch(/^loudmail: submit\/storage: .*\n.+\n$/)
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
  })
})

it.each([
  ['postgres://ann@localhost/mail', []],
  ['postgresql://ann:hunter22@localhost/mail', ['hunter22', 'hunter22']],
  ['postgres://localhost/mail?user=ann&password=hunter%2322', ['hunter%2322', 'hunter#22']],
])('the password in the URL of a database is a secret, and the user is none: %s', (url, secrets) => {
  expect(passwordsIn([url])).toEqual(expect.arrayContaining(secrets))
  expect(passwordsIn([url]).includes('ann')).toBe(false)
})
