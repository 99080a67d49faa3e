import { randomInt } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Mailer, MailError, problemDetails } from '@loudmail/core'
import { debug, inbox } from '@loudmail/debug'

// In production, use smtp(url) instead of debug(). Nothing else changes.
const transport = debug()
const mailer = new Mailer({
  transport,
  defaults: { from: 'Tea Shop <tea@example.com>' },
  observe: ({ type, error }) => console.log('mail', type, error?.message ?? ''),
})
const mails = inbox(transport.store, { path: '/mail' })

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'POST' && pathname === '/sign-up') return signUp(await text(request))
  if (request.method !== 'GET') return of(405, 'text/plain', 'Only GET, and POST /sign-up.\n')
  if (pathname === '/') return of(200, 'text/html', page('Nobody has signed up yet.'))
  return of(404, 'text/plain', 'There is no such page.\n')
}

async function signUp(form: string): Promise<Answer> {
  const address = new URLSearchParams(form).get('email') ?? ''
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const link = `https://tea.example.com/confirm/${code}`
  try {
    await mailer.send({
      to: { address },
      subject: 'Welcome to the tea shop',
      text: `Your tea is waiting.\n\nYour code is ${code}. Or follow this link: ${link}\n`,
      html: `<h1 style="color: #b03a06">Your tea is waiting</h1>
        <p>Your code is <strong>${code}</strong>.</p><p><a href="${link}">Or follow this link</a>.</p>`,
    })
    return of(201, 'text/html', page(`A mail went to ${escaped(address)}.`))
  } catch (error) {
    if (!MailError.is(error)) throw error
    // The page says only what a stranger may know. The inbox says why it failed.
    const { status, body } = problemDetails(error)
    return of(status, 'text/html', page(escaped(body.detail)))
  }
}

function of(status: number, type: string, body: string): Answer {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'x-content-type-options': 'nosniff' }
  return { status, headers, body }
}

function escaped(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

const page = (news: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tea shop</title>
<style>
  body { display: grid; grid-template-rows: auto 1fr; height: 100dvh; margin: 0; font: 16px/1.5 system-ui, sans-serif; color-scheme: light dark }
  header { padding: 0.5rem 1rem } iframe { width: 100%; height: 100%; border: 0; border-top: 1px solid gray }
</style>
<header>
  <h1>Tea shop</h1>
  <form method="post" action="/sign-up">
    <input type="text" name="email" aria-label="E-mail" placeholder="ann@example.com" required> <button>Sign up</button>
    <output>${news}</output>
  </form>
  <p>Below is the <a href="/mail/" target="_blank">inbox</a>: mail appears there by itself. See one fail:
    sign up as <code>fail+rcpt-to.mailbox-full@example.test</code> or <code>fail+body.timeout@example.test</code>.</p>
</header>
<iframe src="/mail/" title="Inbox"></iframe>`

const server = createServer((request, response) => {
  mails(request, response, () => {
    answer(request)
      .catch((error: unknown) => {
        console.error(error)
        return of(500, 'text/plain', 'Something went wrong.\n')
      })
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(console.error)
  })
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://127.0.0.1:${address.port}`)
})

// Requests finish first, then the mailer.
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => server.close(() => void mailer.close()))
