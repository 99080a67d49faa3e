// Packs every package, installs the tarballs with npm in a project outside the repository, and sends mail from there.
// So it tests what users get, without the workspace around it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifests, pack, ROOT, step } from './packed.ts'

/** The peer dependencies that users install themselves, except packages of this repository. */
const PEERS: Readonly<Record<string, string>> = {
  '@nestjs/common': '^12.0.0',
  '@nestjs/core': '^12.0.0',
  '@nestjs/terminus': '^12.0.0',
  '@nestjs/testing': '^12.0.0',
  '@opentelemetry/api': '^1.9.0',
  '@types/express': '^5.0.6',
  '@react-email/render': '^2.3.1',
  '@types/node': '^24.0.0',
  '@types/react': '^19.0.0',
  'axe-core': '^4.14.1',
  eta: '^4.6.0',
  expect: '^30.0.0',
  express: '^5.0.0',
  handlebars: '^4.7.10',
  mjml: '^5.4.1',
  nodemailer: '^10.6.0',
  'pg-boss': '^12.38.0',
  react: '^19.3.1',
  'react-dom': '^19.3.1',
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.2',
  vitest: '^5.0.0',
}

/** Every entry point that can be imported, such as `@loudmail/core`. */
const entries = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports ?? {}).map((path) => name + path.slice(1)),
)

const imports = `
  import assert from 'node:assert/strict'
  import { Mailer, memory } from '@loudmail/core'
  import { debug } from '@loudmail/debug'
  import { startServer } from '@loudmail/server'
  import { smtp } from '@loudmail/smtp'
`

/** Sends over real sockets, and one send fails. `load` is how the program loads an entry point by its name. */
const program = (load: string): string => `
  async function main() {
    for (const entry of ${JSON.stringify(entries)}) {
      assert.notEqual(Object.keys(${load}(entry)).length, 0, entry + ' exports nothing')
    }
    const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }
    const server = await startServer({ on: { RCPT: { nthGlobal: [{ pass: true }, '550 5.1.1 No such user'] } } })
    for (const [transport, state] of [[smtp(server.url), 'sent'], [debug(), 'captured'], [memory(), 'captured']]) {
      const mailer = new Mailer({ transport })
      assert.equal((await mailer.send(message)).state, state)
      await mailer.close()
    }
    const mailer = new Mailer({ transport: smtp(server.url) })
    await assert.rejects(mailer.send(message), { code: 'rcpt-to/mailbox-unknown', delivered: 'none' })
    await mailer.close()
    await server.close()
  }
  main().catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
`

/** The declarations of pg-boss have errors of their own, which `skipLibCheck` passes over. */
const UNCHECKED = '@loudmail/outbox/pg-boss'

const reexports = (names: readonly string[]): string =>
  names.map((entry, n) => `export * as entry${n} from '${entry}'`).join('\n')

/** What a strict TypeScript project sees of every entry point. */
const consumer = `
  import { Mailer, type MailError, type Receipt } from '@loudmail/core'
  import { smtp } from '@loudmail/smtp'
  ${reexports(entries.filter((entry) => entry !== UNCHECKED))}

  export async function send(): Promise<MailError | undefined> {
    const mailer = new Mailer({ transport: smtp('smtp://localhost'), failure: 'silent' })
    const receipt: Receipt = await mailer.send({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' })
    await mailer.close()
    return receipt.error
  }
`

const asCommonJs = (text: string): string =>
  text.replaceAll(/import (.+) from ('.+')/g, 'const $1 = require($2)')

const tarballs = mkdtempSync(join(tmpdir(), 'loudmail-tarballs-'))
const project = mkdtempSync(join(tmpdir(), 'loudmail-project-'))
try {
  const packed = pack(tarballs)
  write('package.json', JSON.stringify({ private: true, dependencies: PEERS }))
  step('install', project, ['npm', 'install', '--no-audit', '--no-fund', ...packed])

  write('send.mjs', imports + program('await import'))
  step('run as an ES module', project, [process.execPath, 'send.mjs'])
  write('send.cjs', asCommonJs(imports) + program('require'))
  step('run as CommonJS', project, [process.execPath, 'send.cjs'])
  const crash = join('node_modules', '@loudmail', 'outbox', 'examples', 'outbox-crash.mjs')
  step('kill workers of an outbox', project, [process.execPath, crash])

  write('consumer.mts', consumer)
  write('consumer.cts', consumer)
  const options = '--noEmit --strict --module nodenext --target es2022 --types node'.split(' ')
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const check = [process.execPath, tsc, ...options] as const
  step('check types', project, [...check, '--skipLibCheck', 'false', 'consumer.mts', 'consumer.cts'])
  write('unchecked.mts', reexports([UNCHECKED]))
  step('check types with pg-boss', project, [...check, '--skipLibCheck', 'unchecked.mts'])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  for (const folder of [tarballs, project]) rmSync(folder, { recursive: true, force: true })
}

function write(file: string, text: string): void {
  writeFileSync(join(project, file), text)
}
