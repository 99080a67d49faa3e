import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { afterAll, expect, it } from 'vitest'
import { folderStore, record } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))

const pass = 'Zq7xW9k&pw21'
const base64 = Buffer.from(`\0ann\0${pass}`).toString('base64')

it.each([
  ['as it is', pass, [pass]],
  ['percent-encoded', 'Zq7xW9k%26pw21', ['Zq7xW9k%26pw21']],
  ['in base64', base64, [base64]],
  ['over two lines', `${pass.slice(0, 6)}\n${pass.slice(6)}`, [pass.slice(0, 6), pass.slice(6)]],
])('no file of a store has a password that the server repeats %s', async (how, echo, parts) => {
  for (const event of ['AUTH', 'RCPT', 'DOT'] as const) {
    const folder = join(root, `${how} ${event}`)
    const said = echo.split('\n')
    const lines = said.map((line, index) => `550${index === said.length - 1 ? ' ' : '-'}5.7.1 ${line}\r\n`)
    await using server = await startServer({ caps: ['AUTH PLAIN'], on: { [event]: { raw: lines.join('') } } })
    const auth = { user: 'ann', pass }
    const inner = smtp({ host: '127.0.0.1', port: server.port, tls: 'none', auth })
    await using mailer = new Mailer({
      transport: record(inner, { store: folderStore(folder) }),
      failure: 'silent',
      observe: () => {},
    })
    const { ok } = await mailer.send({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' })
    expect(ok).toBe(false)
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    const stored = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n')
    expect(stored).toContain('<redacted>')
    for (const part of parts) expect(stored).not.toContain(part)
  }
})
