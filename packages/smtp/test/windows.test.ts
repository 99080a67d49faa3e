import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Mailer, retry, type MailEvent } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { large } from './scene.ts'

/** What a server says to one command of its first connection, and how it goes on. */
interface Lie {
  readonly at: 'MAIL' | 'RCPT' | 'BDAT' | 'RSET'
  /** To the how many-th of these commands. */
  readonly nth: number
  readonly says: string
  /** It works on and answers, works on without a word, or closes. */
  readonly then: 'goes on' | 'goes mute' | 'closes'
  /** It does what it was asked, whatever it says. */
  readonly obeys?: boolean
}

/** A server with PIPELINING and CHUNKING that counts the copies of every message that it accepted. */
async function liar({ at, nth, says, then, obeys }: Lie) {
  const copies = new Map<string, number>()
  let connections = 0
  const server = createServer((socket) => {
    const lies = ++connections === 1
    const seen: Record<string, number> = {}
    let rest = Buffer.alloc(0)
    let isOpen = false
    let hasRecipient = false
    let isMute = false
    const say = (reply: string): void => void (isMute || socket.destroyed || socket.write(`${reply}\r\n`))
    /** Whether it is to do what was asked. */
    const reply = (verb: string, usual: string): boolean => {
      seen[verb] = (seen[verb] ?? 0) + 1
      if (!lies || verb !== at || seen[verb] !== nth) {
        say(usual)
        return true
      }
      say(says)
      if (then === 'goes mute') isMute = true
      if (then === 'closes') socket.end()
      return obeys ?? false
    }
    socket.on('error', () => {})
    say('220 ready')
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes])
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.toString('latin1', 0, end)
        const verb = line.slice(0, 4)
        const size = verb === 'BDAT' ? Number(line.split(' ')[1]) : 0
        if (rest.length < end + 2 + size) return
        const content = rest.toString('latin1', end + 2, end + 2 + size)
        rest = rest.subarray(end + 2 + size)
        if (verb === 'EHLO') say('250-ok\r\n250-PIPELINING\r\n250 CHUNKING')
        else if (verb === 'MAIL') isOpen = reply('MAIL', isOpen ? '503 nested' : '250 ok') || isOpen
        else if (verb === 'RCPT') hasRecipient = reply('RCPT', isOpen ? '250 ok' : '503 no sender') && isOpen
        else if (verb === 'RSET') {
          if (reply('RSET', '250 ok')) isOpen = hasRecipient = false
        } else if (verb === 'QUIT') socket.end('221 bye\r\n')
        else if (verb === 'BDAT') {
          const id = /X-Id: (\S+)/.exec(content)![1]!
          const isTaken = isOpen && hasRecipient
          isOpen = hasRecipient = false
          if (reply('BDAT', isTaken ? '250 taken' : '503 no recipients') && isTaken)
            copies.set(id, (copies.get(id) ?? 0) + 1)
        }
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    copies,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

const ends = ['goes on', 'goes mute', 'closes'] as const
const lies: Lie[] = ends.flatMap((then) => [
  ...(['MAIL', 'RCPT', 'BDAT', 'RSET'] as const).map((at) => ({ at, nth: 2, says: '421 4.3.2 Later', then })),
  ...['500 5.5.1 What?', '502 5.5.1 No', '550 5.7.1 No', '554 5.5.0 Too many'].flatMap((says) => [
    { at: 'RSET' as const, nth: 2, says, then },
    { at: 'RSET' as const, nth: 2, says, then, obeys: true },
  ]),
])
const twice: Lie[] = (['MAIL', 'RCPT', 'BDAT'] as const).map((at) => {
  return { at, nth: 2, says: '250 ok\r\n250 ok', then: 'goes on', obeys: true }
})

describe.concurrent.each([4, 16])('in a window of %i', (window) => {
  it.each([...lies, ...twice])(
    'nothing is sent twice and nothing is denied where the server says $says to $at and $then',
    async (lie) => {
      await using server = await liar(lie)
      const events: MailEvent[] = []
      const mailer = new Mailer({
        transport: retry(
          smtp({
            host: '127.0.0.1',
            port: server.port,
            pool: { connections: 1, window },
            timeoutMs: 250,
          }),
          { delayMs: 1 },
        ),
        failure: 'silent',
        observe: (event) => void (event.error, events.push(event)),
      })
      const ids = Array.from({ length: 8 }, (_, n) => `m${n}`)
      const receipts = await Promise.all(
        ids.map((id) =>
          mailer.send({ from: 'a@x.example', to: 'b@x.example', text: 'Hello', headers: { 'X-Id': id } }),
        ),
      )
      await mailer.close()
      for (const [n, receipt] of receipts.entries()) {
        const copies = server.copies.get(ids[n]!) ?? 0
        expect(copies, ids[n]).toBeLessThanOrEqual(1)
        const isTakenBack = events.some(
          ({ type, error, messageId }) => type === 'late-reply' && error && messageId === receipt.messageId,
        )
        if (receipt.ok && !isTakenBack) expect(copies, `${ids[n]}, ${receipt.response}`).toBe(1)
        if (receipt.error?.delivered === 'none') expect(copies, `${ids[n]}, ${receipt.error.message}`).toBe(0)
      }
    },
  )

  it('what a server answers after 421 is heard', async () => {
    await using server = await liar({ at: 'RCPT', nth: 3, says: '421 4.3.2 Later', then: 'goes on' })
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1, window } })
    const mailer = new Mailer({ transport, failure: 'silent', observe: ({ error }) => void error })
    const sending = ['first', 'm0', 'm1', 'm2', 'm3'].map((id) =>
      mailer.send({ from: 'a@x.example', to: 'b@x.example', text: 'Hello', headers: { 'X-Id': id } }),
    )
    const receipts = await Promise.all(sending)
    await mailer.close()
    expect(receipts.map(({ error }) => error?.delivered ?? 'sent')).toEqual([
      'sent',
      'sent',
      'none',
      'sent',
      'sent',
    ])
  })
})

interface Heard {
  readonly commands: string[]
  readonly say: (replies: string) => void
  readonly closed: Promise<unknown>
}

/** A server that takes one message on each connection, and then says what it is told to. */
async function scripted() {
  const heard: Heard[] = []
  const server = createServer((socket) => {
    const commands: string[] = []
    const say = (replies: string): void => void socket.write(`${replies.replaceAll(' / ', '\r\n')}\r\n`)
    heard.push({ commands, say, closed: once(socket, 'close') })
    say('220 ready')
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      const lines = bytes.toString('latin1').match(/^(?:EHLO|RSET|MAIL|RCPT|BDAT|QUIT).*$/gm) ?? []
      for (const line of lines) {
        commands.push(line)
        if (line.startsWith('EHLO')) say('250-ok / 250-PIPELINING / 250 CHUNKING')
        else if (!commands.some((each) => each.startsWith('RSET'))) say('250 ok')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a window that becomes 1 because of another connection', () => {
  it('does not hide that a reply to RSET belongs to the message before', async () => {
    await using server = await scripted()
    const late: (string | undefined)[] = []
    const mailer = new Mailer({
      transport: smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 2, window: 4 } }),
      failure: 'silent',
      observe: ({ type, error, context }) => {
        if (type === 'late-reply' && error?.delivered === 'unknown') late.push(context?.['id'] as string)
      },
    })
    const send = (id: string) =>
      mailer.send({ from: 'a@x.example', to: `${id}@x.example`, text: 'Hello' }, { context: { id } })
    await Promise.all([send('first'), send('second')])
    const receipts = Promise.all(Array.from({ length: 8 }, (_, n) => send(`m${n}`)))
    const [one, two] = server.heard
    const chunks = (commands: readonly string[]): number =>
      commands.filter((each) => each.startsWith('BDAT')).length
    await expect.poll(() => server.heard.map(({ commands }) => chunks(commands))).toEqual([5, 5])
    const ids = two!.commands.flatMap((each) => /^RCPT TO:<(m\d)@/.exec(each)?.[1] ?? [])
    one!.say('hello?')
    await one!.closed
    // RSET is answered twice before the second message, whose content is refused.
    const well = '250 ok / 250 ok / 250 ok / 250 ok'
    two!.say([well, '250 ok / 250 ok / 250 ok / 250 ok / 452 Full', well, well].join(' / '))
    await receipts
    await mailer.close()
    await expect.poll(() => late).toContain(ids[1])
  })
})

describe.concurrent.each([1, 8])('an abort in a window of %i', (window) => {
  it.each([
    ['in the same tick', async () => {}],
    ['after a microtask', () => Promise.resolve()],
    ['after a turn', () => turn()],
    ['after two turns', () => turn().then(() => turn())],
  ])('%s changes no other message, and tells the truth of its own', async (_when, wait) => {
    await using server = await startServer({ caps: ['PIPELINING', 'CHUNKING'] })
    const pool = { connections: 1, window }
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool })
    // So that a connection is open, and both are written in one turn.
    await transport.send(large({ to: 'first@rcpt.example' }, 1))
    const controller = new AbortController()
    const small = large({ to: 'a@rcpt.example', attachments: [] })
    const first = transport.send(small, { signal: controller.signal }).then(
      () => 'sent',
      ({ delivered }: { delivered: string }) => delivered,
    )
    const second = transport.send(large({ to: 'b@rcpt.example' }, 2))
    await wait()
    controller.abort()
    expect((await second).state).toBe('sent')
    const told = await first
    await transport.close!()
    const copiesFor = (to: string): number =>
      server.messages.filter(({ envelope }) => envelope.to.includes(to)).length
    expect(copiesFor('b@rcpt.example')).toBe(1)
    if (told === 'none') expect(copiesFor('a@rcpt.example')).toBe(0)
    if (told === 'sent') expect(copiesFor('a@rcpt.example')).toBe(1)
  })

  it('of content that fails in its middle changes none of those before it', async () => {
    await using server = await startServer({
      caps: ['PIPELINING', 'CHUNKING'],
      on: { DOT: { delay: 50, then: { pass: true } } },
    })
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1, window } })
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(100_000, 'x')
      await turn()
      throw new Error('the disk is gone')
    }
    const before = ['a', 'b', 'c'].map((name) =>
      transport.send(large({ to: `${name}@rcpt.example`, attachments: [] })),
    )
    const failing = transport
      .send(large({ attachments: [{ filename: 'x', content: broken }] }))
      .catch((error: unknown) => error)
    expect((await Promise.all(before)).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])
    expect(await failing).toMatchObject({ stage: 'compose', delivered: 'none' })
    expect(server.messages).toHaveLength(3)
    await transport.close!()
  })
})

describe('a message whose answer never comes', () => {
  it('does not keep the only connection from the next one', async () => {
    await using server = await startServer({ on: { DOT: { nthGlobal: [{ stall: true }, { pass: true }] } } })
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1 } })
    const error: unknown = await transport
      .send(large({ attachments: [] }), { signal: AbortSignal.timeout(200) })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'body/timeout', delivered: 'unknown' })
    expect((await transport.send(large({ attachments: [] }))).state).toBe('sent')
    await transport.close!()
  })
})
