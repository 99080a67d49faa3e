import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Mailer } from '@loudmail/core'
import { debug, startInbox } from '@loudmail/debug'
import { describe, expect, it } from 'vitest'

const page = readFileSync(new URL('../inbox-api.md', import.meta.url), 'utf8')
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(page)![1]!
const run = promisify(execFile)
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0

const signUp = {
  from: 'tea@shop.example',
  to: 'ann@example.com',
  subject: 'Welcome',
  text: 'Your code is 482913.',
}

describe('docs/inbox-api.md', () => {
  it.skipIf(!isThere('python3'))('its Python finds the code of the mail that it caused', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await using own = await startInbox(transport.store)
    await mailer.send({ ...signUp, text: 'Your old code is 111111.' })
    // The mail comes a moment after the sign-up, while the program already waits.
    const program = `import sys\n\n\ndef sign_up(address):\n    print(address, file=sys.stderr, flush=True)\n\n\n${block('python')}`
    const running = run('python3', ['-c', program], { env: { ...process.env, INBOX: own.url.slice(0, -1) } })
    running.child.stderr!.once('data', () => setTimeout(() => void mailer.send(signUp), 200))
    expect((await running).stdout).toBe('Welcome 482913\n')
  })

  it.skipIf(!isThere('curl'))('its curl commands do what they say', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await using own = await startInbox(transport.store)
    await mailer.send(signUp)
    const env = { ...process.env, INBOX: own.url.slice(0, -1) }
    const answers = []
    for (const line of block('sh').trim().split('\n'))
      answers.push((await run('sh', ['-c', `${line} --silent --show-error --fail`], { env })).stdout)
    const [list, latest, failed, deleted] = answers
    expect(JSON.parse(list!)).toMatchObject({ total: 1, mails: [{ subject: 'Welcome' }] })
    expect(JSON.parse(latest!)).toMatchObject({ text: 'Your code is 482913.\n' })
    expect(JSON.parse(failed!)).toEqual({ total: 0, mails: [] })
    expect([deleted, transport.store.mails.length]).toEqual(['', 0])
  })
})
