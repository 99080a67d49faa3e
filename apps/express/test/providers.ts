import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providerSchemes } from '@loudmail/providers'
import { playProvider, startHttpServer, type HttpAction, type ProviderName } from '@loudmail/server/http'
import { describe, expect, it, vi } from 'vitest'
import { hooks } from './bounces.ts'
import { start, type Program } from './program.ts'

const secret = 'key-4711-word'
/** Brevo shows no attached images. */
const imagesUrl = 'https://tea.example.com/mails/'

/** What `MAIL_URL` is for each provider, by the scheme. */
const accounts: Readonly<Record<string, readonly [provider: ProviderName, url: string]>> = {
  brevo: ['brevo', `brevo://${secret}@`],
  gmail: ['gmail', `gmail://${secret}@`],
  mailgun: ['mailgun', `mailgun://${secret}@sender.example`],
  microsoftgraph: ['microsoftGraph', `microsoftgraph://${secret}@`],
  postmark: ['postmark', `postmark://${secret}@`],
  resend: ['resend', `resend://${secret}@`],
  sendgrid: ['sendgrid', `sendgrid://${secret}@`],
  ses: ['ses', `ses://AKIA4711:${secret}@eu-west-1`],
}

const retryAfter = { 'retry-after': '17' }
const words = { message: 'words of the provider' }

/** What the provider answers, and what `/sign-up` answers then, with which Retry-After. */
const refusals: readonly (readonly [answer: HttpAction, status: number, retryAfter: string | null])[] = [
  [{ status: 429, headers: retryAfter, body: words }, 503, '17'],
  [{ status: 422, body: words }, 502, null],
  [{ status: 500, headers: retryAfter, body: words }, 504, null],
]

const customers = ['ann@example.com', 'bob@example.com', 'carol@example.com']

const schemes = Object.keys(providerSchemes)

/**
 * The program, switched to a provider by its URL.
 *
 * @param each those that are tested one by one, with a start for each. The others only send
 */
export function describeProviders(name: string, folder: URL, each: readonly string[] = schemes): void {
  describe(`the ${name} program, switched to a provider`, () => {
    it.each(each)('%s sends, and its refusals are answered', async (scheme) => {
      const [provider, url] = accounts[scheme]!
      const played = playProvider(provider)
      await using server = await startHttpServer({ status: 401, body: words })
      const webhookSecret = hooks[scheme]?.secret
      const options = scheme === 'brevo' ? { webhookSecret, imagesUrl } : { webhookSecret }
      await using program = await start(folder, at(url, server.url), options)
      const signUp = (): Promise<Response> => program.post('/sign-up', { email: 'guest@example.com' })

      // Nothing is known yet: the program asks the provider, which does not know the key.
      const down = await program.get('/health')
      expect([down.status, (await down.text()).includes('words of')]).toEqual([503, false])

      server.play(played)
      const welcome = await signUp()
      expect([welcome.status, await welcome.json()]).toEqual([201, { welcome: 'sent' }])
      expect(played.taken).toMatchObject([{ to: ['guest@example.com'] }])
      const up = await program.get('/health')
      expect([up.status, (await up.text()).includes('up')]).toEqual([200, true])

      for (const [answer, status, wait] of refusals) {
        server.play(answer)
        const refused = await signUp()
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([status, wait])
        expect(await refused.text()).not.toContain('words of')
      }

      // The mails of the outbox, which the worker sends: each of them arrives once.
      server.play(played)
      expect((await program.post('/report')).status).toBe(202)
      const reset = await program.post('/password-reset', { email: 'ann@example.com' })
      expect(reset.status).toBe(202)
      const sent = (): unknown => program.output().match(/^outbox \S+/gm)
      await vi.waitFor(() => expect(sent()).toEqual(Array(4).fill('outbox sent')), { timeout: 15_000 })
      const [, ...mails] = played.taken
      expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(['ann@example.com', ...customers])
      expect(mails.filter(({ subject }) => subject === 'New password')).toMatchObject([
        { to: ['ann@example.com'] },
      ])

      if (!hooks[scheme]) expect((await program.post('/hooks/mail')).status).toBe(404)
      else await bounce(program, scheme, 'guest@example.com')
      expect((await signUp()).status).toBe(hooks[scheme] ? 502 : 201)
      expect(played.taken).toHaveLength(hooks[scheme] ? 5 : 6)
      expect(program.output()).not.toContain(secret)
      if (webhookSecret !== undefined) expect(program.output()).not.toContain(webhookSecret)
    })

    it('sends through all providers in turn', async () => {
      await using stack = new AsyncDisposableStack()
      const urls: string[] = []
      const played = schemes.map((scheme) => playProvider(accounts[scheme]![0]))
      for (const [index, scheme] of schemes.entries()) {
        const server = stack.use(await startHttpServer(played[index]))
        urls.push(at(accounts[scheme]![1], server.url))
      }
      const program = stack.use(await start(folder, `roundrobin(${urls.join(' ')})`, { imagesUrl }))
      for (const scheme of schemes) {
        const { status } = await program.post('/sign-up', { email: `${scheme}@example.com` })
        expect(status).toBe(201)
      }
      expect(played.map(({ taken }) => taken.map(({ to }) => to))).toEqual(
        schemes.map((scheme) => [[`${scheme}@example.com`]]),
      )
      expect(program.output()).not.toContain(secret)
    })

    it('sends from a worker in a process of its own, but not to whose mail bounced', async () => {
      const played = playProvider('resend')
      await using server = await startHttpServer(played)
      const url = at(`resend://${secret}@`, server.url)
      const directory = mkdtempSync(join(tmpdir(), 'tea-shop-'))
      try {
        const options = { database: join(directory, 'tea.db'), webhookSecret: hooks.resend!.secret }
        await using shop = await start(folder, url, { ...options, workerApart: true })
        expect((await shop.post('/report')).status).toBe(202)
        await bounce(shop, 'resend', 'bob@example.com')
        const invitation = await shop.post('/invitation', { email: 'bob@example.com' })
        expect([invitation.status, await invitation.json()]).toEqual([202, { invited: false }])
        expect(played.taken).toEqual([])

        await using worker = await start(folder, url, { ...options, script: 'start:worker' })
        const told = (): unknown =>
          worker
            .output()
            .match(/^outbox \S+/gm)
            ?.toSorted()
        const expected = ['outbox failed', 'outbox sent', 'outbox sent']
        await vi.waitFor(() => expect(told()).toEqual(expected), { timeout: 15_000 })
        expect(worker.output()).toContain('outbox failed rcpt-to/suppressed')
        expect(played.taken.flatMap(({ to }) => to).toSorted()).toEqual([
          'ann@example.com',
          'carol@example.com',
        ])
      } finally {
        rmSync(directory, { recursive: true })
      }
    })

    it('does not start with a webhook of somebody who has none', async () => {
      const starting = start(folder, 'smtp://127.0.0.1:1', { webhookSecret: secret })
      await expect(starting).rejects.toThrow('MAIL_URL must begin with one of brevo')
      await expect(starting).rejects.not.toThrow(secret)
    })
  })
}

const at = (url: string, server: string): string => `${url}?url=${encodeURIComponent(server)}`

/** The provider tells that mail to an address bounced, and a stranger tells the same. */
async function bounce(program: Program, scheme: string, address: string): Promise<void> {
  const { body, headers } = hooks[scheme]!.bounce(address)
  const forged = { ...body, ...('signature' in body && { signature: {} }) }
  expect((await program.post('/hooks/mail', forged)).status).toBeOneOf([400, 401])
  expect((await program.post('/hooks/mail', body, headers)).status).toBe(200)
}
