import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providerSchemes } from '@loudmail/providers'
import { playProvider, startHttpServer, type HttpAction, type ProviderName } from '@loudmail/server/http'
import { describe, expect, it, vi } from 'vitest'
import { start } from './program.ts'

const secret = 'key-4711-word'

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

/** The program, switched to each provider by its URL. One start for each of them. */
export function describeProviders(name: string, folder: URL): void {
  describe(`the ${name} program, switched to a provider`, () => {
    it.each(Object.keys(providerSchemes))('%s sends, and its refusals are answered', async (scheme) => {
      const [provider, url] = accounts[scheme]!
      const played = playProvider(provider)
      await using server = await startHttpServer({ status: 401, body: words })
      await using program = await start(folder, `${url}?url=${encodeURIComponent(server.url)}`)
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
      expect(program.output()).not.toContain(secret)
    })

    it('sends from a worker in a process of its own', async () => {
      const played = playProvider('resend')
      await using server = await startHttpServer(played)
      const url = `resend://${secret}@?url=${encodeURIComponent(server.url)}`
      const directory = mkdtempSync(join(tmpdir(), 'tea-shop-'))
      try {
        const database = join(directory, 'tea.db')
        await using shop = await start(folder, url, { database, workerApart: true })
        expect((await shop.post('/report')).status).toBe(202)
        expect(played.taken).toEqual([])
        await using worker = await start(folder, url, { database, script: 'start:worker' })
        const sent = (): unknown => worker.output().match(/^outbox \S+/gm)
        await vi.waitFor(() => expect(sent()).toEqual(Array(3).fill('outbox sent')), { timeout: 15_000 })
        expect(played.taken.flatMap(({ to }) => to).toSorted()).toEqual(customers)
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
  })
}
