import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url)

/** The program, started as `pnpm dev` does. */
async function start(): Promise<{ url: string; terminate: (signal: NodeJS.Signals) => Promise<unknown[]> }> {
  const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
    scripts: { dev: string }
  }
  const [command, ...args] = scripts.dev.split(' && ').at(-1)!.split(' ')
  expect(command).toBe('node')
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(root),
    env: { ...process.env, NODE_ENV: 'development', PORT: '0' },
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const address = /listening on (\S+:\d+)/.exec(output)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
    child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${output}`)))
  })
  const terminate = async (signal: NodeJS.Signals): Promise<unknown[]> => {
    const ended = once(child, 'exit')
    child.kill(signal)
    return ended
  }
  return { url, terminate }
}

describe('the debug program', () => {
  let program: Awaited<ReturnType<typeof start>>
  const get = (path: string): Promise<Response> => fetch(`${program.url}${path}`)
  const signUp = (email: string): Promise<Response> =>
    fetch(`${program.url}/sign-up`, { method: 'POST', body: new URLSearchParams({ email }) })

  beforeAll(async () => {
    program = await start()
  })

  afterAll(async () => {
    await program.terminate('SIGTERM')
  })

  it('listens on this machine alone, and shows a sign-up form', async () => {
    expect(program.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const response = await get('/')
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toMatch(/<form method="post" action="\/sign-up">[^]*name="email"/)
  })

  it('sends a welcome mail, which appears in the inbox with the conversation that carried it', async () => {
    expect((await signUp('ann@example.com')).status).toBe(201)
    const list = await (await get('/mail/')).text()
    expect(list).toMatch(/1 mail\s[^]*ann@example\.com[^]*Welcome to the tea shop/)
    const id = /data-mail="(\w+)"/.exec(list)![1]
    const conversation = await (await get(`/mail/?mail=${id}&view=conversation`)).text()
    expect(conversation).toMatch(/220 [^]*EHLO [^]*RCPT TO:&lt;ann@example\.com&gt;[^]*250 2\.0\.0 Ok/)
    const source = await get(`/mail/mails/${id}/source`)
    expect(source.headers.get('content-type')).toContain('text/plain')
    expect(await source.text()).toMatch(
      /^From: Tea Shop <tea@example\.com>\r\nTo: ann@example\.com\r\nSubject: Welcome to the tea shop\r\n/m,
    )
  })

  it('shows the same page over its own, and leads there from /mail', async () => {
    expect(await (await get('/')).text()).toContain('<iframe src="/mail/"')
    expect((await get('/mail')).url).toBe(`${program.url}/mail/`)
  })

  it('rehearses a failure by the address: the page says little, the inbox everything', async () => {
    const response = await signUp('fail+rcpt-to.mailbox-full@example.test')
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('It can be tried again later')
    expect(await (await get('/mail/')).text()).toContain('rcpt-to/mailbox-full')
  })

  it.each([
    ['no address', 'ann'],
    ['nothing', ''],
    ['several addresses', 'ann@example.com, bob@example.com'],
    ['a line break', 'ann@example.com\r\nBcc: bob@example.com'],
  ])('answers 422 to %s, and the inbox says why', async (_what, email) => {
    const count = async (): Promise<number> =>
      Number(/(\d+) mails?/.exec(await (await get('/mail/')).text())![1])
    const before = await count()
    expect((await signUp(email)).status).toBe(422)
    expect(await count()).toBe(before + 1)
    expect(await (await get('/mail/')).text()).toMatch(
      /data-mail[^]*?compose\/(?:invalid-address|header-injection)/,
    )
  })

  it('shows what was typed as text, never as HTML', async () => {
    const response = await signUp('"<script>&amp;"@example.com')
    expect(response.status).toBe(201)
    const page = await response.text()
    expect(page).not.toContain('<script>')
    expect(page).toContain('&#60;script&#62;&#38;amp;')
    expect(await (await get('/mail/')).text()).not.toContain('<script>')
  })

  it('answers 404 and 405 elsewhere', async () => {
    expect((await get('/mail/mails/4711/html')).status).toBe(404)
    expect((await get('/nothing')).status).toBe(404)
    expect((await fetch(program.url, { method: 'POST' })).status).toBe(405)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly by %s', async (signal) => {
    const other = await start()
    await fetch(`${other.url}/sign-up`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'ann@example.com' }),
    })
    expect(await other.terminate(signal)).toEqual([0, null])
  })
})
