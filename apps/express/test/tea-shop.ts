import { closedPort, startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import PostalMime from 'postal-mime'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { start, type Program } from './program.ts'

type Script = NonNullable<ServerScript['on']>
type Status = keyof typeof problem

const problem = { 422: 'is not valid', 502: 'not to everybody', 503: 'again later', 504: 'may or may not' }
const secret = 'pass-4711-word'

/** What the mail server does, and what `/sign-up` (loud) and `/invitation` (a function) answer. */
const cases: readonly (readonly [what: string, script: Script, loud: Status, byFunction: Status | 202])[] = [
  ['refuses the recipient', { RCPT: '550 5.1.1 words of the server' }, 502, 202],
  ['asks to come back later', { RCPT: '451 4.7.1 words of the server, greylisted' }, 503, 202],
  ['takes no mail now', { CONNECT: '421 4.3.2 words of the server' }, 503, 503],
  ['does not accept the password', { AUTH: '535 5.7.8 words of the server' }, 502, 502],
  ['refuses the content', { DOT: '554 5.7.1 words of the server' }, 502, 502],
  ['hangs up after the final dot', { DOT: { close: 'fin' } }, 504, 504],
  ['says nothing to the sender', { MAIL: { stall: true } }, 503, 503],
  ['says nothing after the final dot', { DOT: { stall: true } }, 504, 504],
]

/** What a server does, and the failure that the debug transport rehearses for it. */
const swaps: readonly (readonly [script: Script, rehearse: string | undefined])[] = [
  [{}, undefined],
  [{ RCPT: '550 5.1.1 No such user here' }, 'rcpt-to/mailbox-unknown'],
  [{ RCPT: '451 4.7.1 Greylisted, try again in five minutes' }, 'rcpt-to/greylisted'],
  [{ AUTH: '535 5.7.8 Authentication credentials invalid' }, 'auth/bad-credentials'],
  [{ DOT: '550 5.7.1 The message looks like spam' }, 'body/spam'],
  [{ DOT: { close: 'fin' } }, 'body/connection-lost'],
]

/** The same small product in every framework: the same requests get the same answers. */
export function describeTeaShop(name: string, folder: URL): void {
  describe(`the ${name} program`, () => {
    let script: Script = {}
    let server: SmtpServer
    let program: Program

    beforeAll(async () => {
      server = await startServer({
        caps: ['PIPELINING', 'ENHANCEDSTATUSCODES', 'AUTH PLAIN'],
        on: {
          CONNECT: () => script.CONNECT,
          AUTH: () => script.AUTH,
          MAIL: () => script.MAIL,
          RCPT: () => script.RCPT,
          DOT: () => script.DOT,
        },
      })
      // A connection of its own for every message, so that each meets the script as it is then.
      program = await start(
        folder,
        `${server.url.replace('://', `://tea:${secret}@`)}?pool.messagesPerConnection=1&timeoutMs=1000`,
      )
    })

    afterEach(() => {
      script = {}
      server.clear()
    })

    afterAll(async () => {
      await program.terminate()
      await server.close()
    })

    it('sends a welcome mail', async () => {
      const response = await program.post('/sign-up', { email: 'ann@example.com', name: 'Ann <b>' })
      expect([response.status, await response.json()]).toEqual([201, { welcome: 'sent' }])
      expect(server.messages[0]?.envelope).toMatchObject({ from: 'tea@example.com', to: ['ann@example.com'] })
      const mail = await PostalMime.parse(server.messages[0]!.content)
      expect(mail.subject).toBe('Welcome')
      // React puts comments between texts.
      expect(mail.html?.replaceAll('<!-- -->', '')).toMatch(
        /<h1 style="color: ?#b03a06[^>]*>Welcome, Ann &lt;b&gt;/,
      )
      expect(mail.text).toMatch(/Ann <b>[^]*Your tea is waiting\.[^]*https:\/\/tea\.example\.com\/teas/i)
      const [logo, ...others] = mail.attachments
      expect(others).toEqual([])
      expect(mail.html).toContain(`src="cid:${logo!.contentId!.slice(1, -1)}"`)
      expect(logo).toMatchObject({ mimeType: 'image/png', disposition: 'inline' })
    })

    it('sends reports with a button that ends them', async () => {
      await using shop = await start(folder, server.url, { unsubscribeSecret: secret.repeat(3) })
      await shop.post('/report')
      const read = async (content: Uint8Array): Promise<string> => {
        const { headers } = await PostalMime.parse(content)
        expect(headers.find(({ key }) => key === 'list-unsubscribe-post')?.value).toBe(
          'List-Unsubscribe=One-Click',
        )
        return /<(.*)>/.exec(headers.find(({ key }) => key === 'list-unsubscribe')!.value)![1]!
      }
      const arrived = async (count: number): Promise<readonly (typeof server.messages)[number][]> => {
        await vi.waitFor(() => expect(server.messages).toHaveLength(count), { timeout: 10_000 })
        return server.messages
      }
      const [toBob] = (await arrived(3)).filter(
        ({ envelope }) => String(envelope.to[0]) === 'bob@example.com',
      )
      const link = new URL(await read(toBob!.content))
      expect(toBob!.content.toString()).toContain('No more reports')

      // A mail program follows no link, it posts (RFC 8058). Whoever opens the link sees a page with a button.
      const path = link.pathname + link.search
      expect(await (await shop.get(path)).text()).toContain('bob@example.com')
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const post = async (to: string): Promise<number> =>
        (await shop.send('POST', to, 'List-Unsubscribe=One-Click', type)).status
      expect(await post(path.slice(0, -2))).toBeGreaterThanOrEqual(400)
      expect(await post(path)).toBe(200)

      server.clear()
      await shop.post('/report')
      const again = await arrived(2)
      expect(again.map(({ envelope }) => String(envelope.to[0])).toSorted()).toEqual([
        'ann@example.com',
        'carol@example.com',
      ])
    })

    it('has no such button without a secret', async () => {
      await using shop = await start(folder, server.url)
      await shop.post('/report')
      await vi.waitFor(() => expect(server.messages).toHaveLength(3), { timeout: 10_000 })
      expect(String(server.messages[0]!.content)).not.toMatch(/^List-Unsubscribe/im)
      expect((await shop.get('/unsubscribe')).status).toBe(404)
    })

    it.each(cases)('answers where the server %s', async (_what, play, loud, byFunction) => {
      script = play
      const before = program.output().length
      const body = { email: 'ann@example.com' }

      const signUp = await program.post('/sign-up', body)
      expect(signUp.status).toBe(loud)
      expect(signUp.headers.get('content-type')).toContain('application/problem+json')
      expect(signUp.headers.get('retry-after')).toBe(loud === 503 ? '60' : null)
      const answer = await signUp.text()
      expect(answer).toContain(problem[loud])
      expect(JSON.parse(answer)).toHaveProperty('messageId')
      expect(answer).not.toMatch(/words of the server|code/)

      const invitation = await program.post('/invitation', body)
      expect(invitation.status).toBe(byFunction)
      if (byFunction === 202) expect(await invitation.json()).toEqual({ invited: false })

      // In the outbox: the answer is the same as for somebody whom nobody knows, whatever becomes of the mail.
      const resets = await Promise.all(
        ['ann@example.com', 'stranger@example.com'].map((email) =>
          program.post('/password-reset', { email }),
        ),
      )
      const [known, stranger] = await Promise.all(
        resets.map(async (reset) => [reset.status, await reset.text()]),
      )
      expect(known).toEqual([202, '{"reset":"on its way, if we know you"}'])
      expect(stranger).toEqual(known)

      const failures = (): unknown =>
        program
          .output()
          .slice(before)
          .match(/^mail failed/gm)
      await vi.waitFor(() => expect(failures()).toHaveLength(2), { timeout: 10_000 })
      const printed = program.output().slice(before)
      expect(printed).not.toContain(secret)
      expect(printed).not.toContain(Buffer.from(`\0tea\0${secret}`).toString('base64'))
    })

    it.each([
      ['no address', 'ann'],
      ['several addresses', 'ann@example.com, bob@example.com'],
      ['a line break', 'ann@example.com\r\nBcc: bob@example.com'],
      ['a list', ['ann@example.com']],
      ['nothing', undefined],
    ])('refuses %s without a word to the mail server', async (_what, email) => {
      // A connection that was opened for an earlier mail may come now. It asks for nothing.
      const commands: string[] = []
      const stop = server.on('command', ({ command }) => commands.push(command))
      const response = await program.post('/sign-up', { email })
      stop()
      expect([response.status, (await response.text()).includes(problem[422])]).toEqual([422, true])
      expect(commands).not.toContain('MAIL')
    })

    it('mails a large report from the outbox, to those who can be reached', async () => {
      script = { RCPT: { byRcpt: { 'bob@example.com': '550 5.1.1 words of the server' } } }
      await using reporting = await start(folder, server.url)
      const response = await reporting.post('/report')
      expect([response.status, await response.json()]).toEqual([202, { report: 'under way' }])
      const told = (): unknown => reporting.output().match(/^outbox (?:sent|failed)/gm)
      await vi.waitFor(() => expect(told()).toHaveLength(3), { timeout: 10_000 })
      expect(reporting.output()).toMatch(/^outbox failed rcpt-to\/mailbox-unknown/m)
      const reports = server.messages.filter(({ content }) => content.includes('Your month in tea'))
      expect(reports.map(({ envelope }) => String(envelope.to[0])).toSorted()).toEqual([
        'ann@example.com',
        'carol@example.com',
      ])
      for (const { content } of reports) expect(content.length).toBeGreaterThan(1_000_000)
    })

    it('answers a password reset in the same time to everybody', async () => {
      const times: Record<string, number[]> = { 'ann@example.com': [], 'stranger@example.com': [] }
      for (let n = 0; n < 5; n++)
        for (const [email, taken] of Object.entries(times)) {
          const begunAt = performance.now()
          await program.post('/password-reset', { email })
          taken.push(performance.now() - begunAt)
        }
      const [known, stranger] = Object.values(times).map((taken) => Math.min(...taken))
      expect(known).toBeGreaterThanOrEqual(195)
      expect(stranger).toBeGreaterThanOrEqual(195)
    })

    it('tells its health', async () => {
      await program.post('/sign-up', { email: 'ann@example.com' })
      const response = await program.get('/health')
      expect([response.status, (await response.text()).includes('up')]).toEqual([200, true])
      await using failing = await start(folder, 'debug:?rehearse=auth/bad-credentials')
      const down = await failing.get('/health')
      expect(down.status).toBeGreaterThanOrEqual(500)
      expect(await down.text()).not.toContain('Authentication credentials invalid')
    })

    it('is ready if one of two mail servers is down', async () => {
      const dead = `smtp://127.0.0.1:${await closedPort()}`
      await using ready = await start(folder, `failover(${dead} ${server.url})`)
      const response = await ready.get('/health')
      const { state, details } = (await response.json()) as {
        state?: string
        details?: { mail: { state: string } }
      }
      expect([response.status, details?.mail.state ?? state]).toEqual([200, 'degraded'])
    })

    it('shows the inbox where mail is captured, and only there', async () => {
      await using debugging = await start(folder, undefined)
      await debugging.post('/sign-up', { email: 'ann@example.com' })
      const page = await debugging.get('/mail')
      expect([page.status, new URL(page.url).pathname]).toEqual([200, '/mail/'])
      expect(await page.text()).toMatch(/ann@example\.com[^]*Welcome/)
      await debugging.post('/password-reset', { email: 'ann@example.com' })
      const previews = await debugging.get('/mail/previews/')
      expect([previews.status, await previews.text()]).toEqual([200, expect.stringContaining('welcome')])
      const inbox = async (): Promise<string> => (await debugging.get('/mail')).text()
      await vi.waitFor(async () => expect(await inbox()).toContain('New password'), { timeout: 5_000 })
      const outbox = await debugging.get('/mail/outbox/')
      expect([outbox.status, await outbox.text()]).toEqual([200, expect.stringContaining('New password')])
      for (const path of ['/mail', '/mail/outbox/', '/outbox/'])
        expect((await program.get(path)).status).toBe(404)
    })

    it('shows the outbox where mail is sent, to those who know the password', async () => {
      const key = (password: string): Record<string, string> => ({
        authorization: `Basic ${Buffer.from(`office:${password}`).toString('base64')}`,
      })
      // It waits there: no worker sends it.
      await using shop = await start(folder, server.url, { workerApart: true, outboxPassword: secret })
      await shop.post('/password-reset', { email: 'ann@example.com' })
      for (const headers of [{}, key('wrong'), key('')]) {
        const refused = await shop.get('/outbox/', headers)
        expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
          401,
          expect.stringMatching(/^Basic /),
        ])
        expect(await refused.text()).not.toContain('ann@example.com')
      }
      expect(await (await shop.get('/outbox', key(secret))).text()).toMatch(
        /ann@example\.com[^]*New password/,
      )

      const { entries } = (await (await shop.get('/outbox/api/entries', key(secret))).json()) as {
        entries: readonly { id: string; state: string }[]
      }
      expect(entries).toMatchObject([{ state: 'waiting' }])
      const discard = `/outbox/api/entries/${entries[0]!.id}/discard`
      expect((await shop.post(discard)).status).toBe(401)
      const foreign = await shop.post(discard, {}, { ...key(secret), origin: 'https://elsewhere.example' })
      expect(foreign.status).toBe(403)
      expect(await (await shop.post(discard, {}, key(secret))).json()).toMatchObject({ state: 'discarded' })
      expect(shop.output()).not.toContain(secret)

      await using open = await start(folder, server.url, { outboxPassword: '' })
      expect((await open.get('/outbox/', key(''))).status).toBe(404)
    })

    it('does not start in production without a mail server: mail must not be swallowed', async () => {
      await expect(start(folder, undefined, { mode: 'production' })).rejects.toThrow('NODE_ENV is production')
    })

    it('captures mail where no server is configured', async () => {
      await using debugging = await start(folder, undefined)
      const response = await debugging.post('/invitation', { email: 'ann@example.com' })
      expect([response.status, await response.json()]).toEqual([202, { invited: true }])
      expect(debugging.output()).toContain('mail sent')
    })

    it.each(swaps)('does with debug() what it does with a server: %o, or %s', async (play, rehearse) => {
      script = play
      const answers = async (of: Program): Promise<unknown> => {
        const before = of.output().length
        const found: unknown[] = []
        for (const path of ['/sign-up', '/invitation']) {
          const response = await of.post(path, { email: 'ann@example.com' })
          const body = (await response.json()) as object
          found.push(response.status, response.headers.get('retry-after'), { ...body, messageId: 'any' })
        }
        // The name of the transport is all that differs. What is printed may arrive after the answer.
        const printed = (): string[] | null =>
          of
            .output()
            .slice(before)
            .replaceAll(/ \[(?:smtp|debug)\([^)]*\)\]/g, '')
            .match(/^mail .*/gm)
        await vi.waitFor(() => expect(printed()).toHaveLength(2), { timeout: 5_000 })
        return [...found, printed()]
      }
      const real = await answers(program)
      const url = rehearse === undefined ? 'debug:' : `debug:?rehearse=${rehearse}`
      await using debugging = await start(folder, url)
      expect(await answers(debugging)).toEqual(real)
    })

    it('does not start with a URL that is not valid, and does not show it', async () => {
      const starting = start(folder, `smtp://tea:${secret}@mail example:587`)
      await expect(starting).rejects.toThrow('config/invalid-config')
      await expect(starting).rejects.not.toThrow(secret)
    })
  })
}
