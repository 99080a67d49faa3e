import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('snippets/send.ts', import.meta.url))

/** Runs the program and gives what it prints. */
async function run(environment: Record<string, string>): Promise<string> {
  const { MAIL_URL: _, NODE_ENV: __, ...inherited } = process.env
  const options = { env: { ...inherited, ...environment } }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@loudmail/source', program],
    options,
  )
  return stdout
}

describe('the first program of the README', () => {
  it('captures the message without MAIL_URL', async () => {
    expect(await run({})).toMatch(/^captured 250 /)
  })

  it('sends the message with MAIL_URL', async () => {
    await using server = await startServer()
    expect(await run({ MAIL_URL: server.url })).toMatch(/^sent 250 /)
    expect(server.messages).toHaveLength(1)
  })

  it('does not start in production without MAIL_URL', async () => {
    await expect(run({ NODE_ENV: 'production' })).rejects.toThrow('config/invalid-config')
  })
})
