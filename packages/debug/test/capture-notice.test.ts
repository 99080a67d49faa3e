import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

/** What a program prints on standard error. */
async function saidBy(program: string, mode: string | undefined): Promise<string[]> {
  const { NODE_ENV: _, ...environment } = process.env
  const source = `
    import { createServer } from 'node:http'
    import { once } from 'node:events'
    import { Mailer, transportFromUrl } from '@loudmail/core'
    import { debug, debugSchemes, inbox, memoryStore, record, startInbox } from '@loudmail/debug'
    ${program}
  `
  const values = ['--conditions=@loudmail/source', '--input-type=module', '-e', source]
  const env = { ...environment, ...(mode !== undefined && { NODE_ENV: mode }) }
  const { stderr } = await promisify(execFile)(process.execPath, values, { cwd: import.meta.dirname, env })
  return stderr.split('\n').filter(Boolean)
}

const CAPTURED = expect.stringMatching(
  /^loudmail: debug\(\) captures mail and sends none\. .*Set NODE_ENV=development to silence this line\.$/,
) as string

describe('debug() says on standard error that mail is captured', () => {
  it.each([undefined, '', 'staging', 'Development', 'dev'])('where NODE_ENV is %j', async (mode) => {
    expect(await saidBy('debug()', mode)).toEqual([CAPTURED])
  })

  it('in production, where it was allowed', async () => {
    expect(await saidBy('debug({ captureInProduction: true })', 'production')).toEqual([CAPTURED])
  })

  it.each(['development', 'test'])('but not where NODE_ENV is %s', async (mode) => {
    expect(await saidBy('const own = await startInbox(debug().store); await own.close()', mode)).toEqual([])
  })

  it('once, however many there are and whatever they send', async () => {
    const program = `
      const mailers = [debug(), debug(), transportFromUrl('debug:', debugSchemes)].map((transport) => new Mailer({ transport }))
      for (const mailer of mailers) await mailer.send({ from: 'ann@example.com', to: 'bob@example.com', text: 'Hi' })
    `
    expect(await saidBy(program, undefined)).toEqual([CAPTURED])
  })

  it.each([
    [
      'startInbox()',
      'const own = await startInbox(debug().store); await fetch(own.url); await own.close()',
      /^loudmail: the inbox is at http:\/\/127\.0\.0\.1:\d+\/$/,
    ],
    [
      'startInbox() before debug()',
      'const store = memoryStore(); const own = await startInbox(store); debug({ store }); await own.close()',
      /^loudmail: the inbox is at http:\/\/127\.0\.0\.1:\d+\/$/,
    ],
    [
      'inbox() in a server, once it was asked',
      `const server = createServer(inbox(debug().store, { path: '/dev/mail' })).listen(0, '127.0.0.1')
      await once(server, 'listening')
      for (const path of ['', '/', '/inbox.css']) await fetch('http://localhost:' + server.address().port + '/dev/mail' + path)
      server.close()
      server.closeAllConnections()`,
      /^loudmail: the inbox is at http:\/\/localhost:\d+\/dev\/mail\/$/,
    ],
    [
      'inbox() that a framework mounts',
      `const handler = inbox(debug().store)
      const server = createServer((request, response) => {
        request.originalUrl = request.url
        request.url = request.url.replace('/mail', '')
        handler(request, response)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      await fetch('http://127.0.0.1:' + server.address().port + '/mail/inbox.js')
      server.close()
      server.closeAllConnections()`,
      /^loudmail: the inbox is at http:\/\/127\.0\.0\.1:\d+\/mail\/$/,
    ],
  ])('and where the inbox is: %s', async (_what, program, address) => {
    expect(await saidBy(program, undefined)).toEqual([CAPTURED, expect.stringMatching(address)])
  })

  it('but nothing of the inbox of real sends', async () => {
    const program = 'const own = await startInbox(memoryStore()); await fetch(own.url); await own.close()'
    expect(await saidBy(program, undefined)).toEqual([])
  })

  it('and captures where standard error cannot be written', async () => {
    const program = `
      const { write } = process.stderr
      process.stderr.write = () => { throw new Error('no') }
      debug()
      process.stderr.write = write
    `
    expect((await saidBy(program, undefined)).join('\n')).toContain('process.stderr.write() threw: Error: no')
  })
})
