import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

describe('a silenced failure is seen', () => {
  const program = (before: string): string => `
    import { Mailer, MailError } from '@loudmail/core'
    process.removeAllListeners('warning').on('warning', ({ message }) => process._rawDebug('warned: ' + message))
    ${before}
    const transport = { name: 't', send() { throw new MailError({ stage: 'connect', kind: 'timeout' }) } }
    await new Mailer({ transport, failure: 'silent' }).send({ from: 'a@example.com', to: 'b@example.com', text: '' })
  `
  const throws = "() => { throw new Error('no') }"
  it.each([
    ['on the console', '', /^loudmail: silenced connect\/timeout/],
    [
      'on stderr, where the console throws',
      `console.error = ${throws}`,
      /^loudmail: silenced connect\/timeout/m,
    ],
    [
      'on stderr, where the console rejects',
      `console.error = async ${throws}`,
      /^loudmail: silenced connect\/timeout/m,
    ],
    [
      'as a process warning, where both throw',
      `console.error = process.stderr.write = ${throws}`,
      /^warned: loudmail: silenced connect\/timeout/m,
    ],
  ])('%s', async (_where, before, words) => {
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@loudmail/source', '--input-type=module', '-e', program(before)],
      { cwd: import.meta.dirname },
    )
    expect(stderr).toMatch(words)
  })
})
