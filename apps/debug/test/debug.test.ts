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
  const [command, ...args] = scripts.dev.split(' ')
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
    expect(await response.text()).toMatch(/<form method="post" action="\/sign-up">.*name="email"/)
  })

  it('captures the welcome mail, with the conversation that carried it', async () => {
    expect((await signUp('ann@example.com')).status).toBe(201)

    const [mail] = (await (await get('/mails')).json()) as { transcript: string[] }[]
    expect(mail).toMatchObject({ id: 1, from: 'tea@example.com', to: ['ann@example.com'], failure: null })
    expect(mail!.transcript.join('\n')).toMatch(
      /S: 220 [^]*C: EHLO [^]*C: RCPT TO:<ann@example\.com>[^]*S: 250 2\.0\.0 Ok/,
    )

    const source = await get('/mails/1')
    expect(source.headers.get('content-type')).toContain('text/plain')
    expect(await source.text()).toMatch(
      /^From: Tea Shop <tea@example\.com>\r\nTo: ann@example\.com\r\nSubject: Welcome\r\n[^]*\r\n\r\nYour tea is waiting\.\r\n$/m,
    )
  })

  it.each([
    ['no address', 'ann'],
    ['nothing', ''],
    ['several addresses', 'ann@example.com, bob@example.com'],
    ['a line break', 'ann@example.com\r\nBcc: bob@example.com'],
  ])('answers 422 to %s, and captures nothing', async (_what, email) => {
    const before = await (await get('/mails')).text()
    const response = await signUp(email)
    expect([response.status, response.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(await response.json()).toMatchObject({ title: 'Unprocessable Content', status: 422 })
    expect(await (await get('/mails')).text()).toBe(before)
  })

  it('shows what was typed as text, never as HTML', async () => {
    const response = await signUp('"<script>&amp;"@example.com')
    expect(response.status).toBe(201)
    const page = await response.text()
    expect(page).not.toContain('<script>')
    expect(page).toContain('&#60;script&#62;&#38;amp;')
  })

  it('answers 404 and 405 elsewhere', async () => {
    expect((await get('/mails/4711')).status).toBe(404)
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
