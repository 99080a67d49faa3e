import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { formatTranscript, Mailer, MailError, problemDetails } from '@loudmail/core'
import { debug } from '@loudmail/debug'

// In production, smtp(url) goes in place of debug(): nothing else changes.
const transport = debug()
const mailer = new Mailer({
  transport,
  defaults: { from: 'Tea Shop <tea@example.com>' },
  observe: ({ type, error }) => console.log('mail', type, error?.message ?? ''),
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const id = /^\/mails\/(\d+)$/.exec(pathname)?.[1]
  if (request.method === 'POST' && pathname === '/sign-up') return signUp(await text(request))
  if (request.method !== 'GET') return of(405, 'text/plain', 'Only GET, and POST /sign-up.\n')
  if (pathname === '/') return of(200, 'text/html', FORM)
  if (pathname === '/mails') return of(200, 'application/json', JSON.stringify(mails(), null, 2))
  const content = id && transport.store.mails.find((mail) => mail.id === Number(id))?.content
  if (content) return of(200, 'text/plain', Buffer.from(content).toString())
  return of(404, 'text/plain', 'There is no such page.\n')
}

async function signUp(form: string): Promise<Answer> {
  const address = new URLSearchParams(form).get('email') ?? ''
  await mailer.send({ to: { address }, subject: 'Welcome', text: 'Your tea is waiting.' })
  const page = `<p>A mail went to ${escaped(address)}: look at <a href="/mails">all mails</a>.</p>`
  return of(201, 'text/html', page)
}

/** What was captured, and what failed on the way. */
function mails(): object[] {
  return transport.store.mails.map(({ id, envelope, error, transcript }) => ({
    id,
    from: envelope.from,
    to: envelope.to,
    failure: error?.code ?? null,
    transcript: formatTranscript(transcript).split('\n'),
  }))
}

/** A failed send answers what its failure says: 422 for an address that is none. Anything else is a bug here. */
function failed(error: unknown): Answer {
  if (!MailError.is(error)) {
    console.error(error)
    return of(500, 'text/plain', 'Something went wrong.\n')
  }
  const { status, headers, body } = problemDetails(error)
  return { status, headers, body: JSON.stringify(body) }
}

function of(status: number, type: string, body: string): Answer {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'x-content-type-options': 'nosniff' }
  return { status, headers, body }
}

function escaped(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

const FORM = `<!doctype html><title>Tea shop</title>
<form method="post" action="/sign-up"><input name="email" placeholder="ann@example.com"> <button>Sign up</button></form>
<p><a href="/mails">All mails</a>, and the source of the <a href="/mails/1">first</a>.</p>`

const server = createServer((request, response) => {
  void answer(request)
    .catch(failed)
    .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://127.0.0.1:${address.port}`)
})

// Let requests finish, then let the mailer finish.
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => server.close(() => void mailer.close()))
