import { startServer, type ServerScript } from '@loudmail/server'
import { transportContract } from '@loudmail/testing'
import { describe, it } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'

const EXTENSIONS = ['SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8', 'AUTH PLAIN']
const PASSWORD = 'S3cr3t-p@ss'

const refusing: ServerScript = {
  users: { ann: PASSWORD },
  on: {
    RCPT: {
      byRcpt: {
        'unknown@rcpt.example': '550 5.1.1 No such user',
        'later@rcpt.example': '451 4.7.1 Greylisted, come back later',
      },
    },
  },
}

const ways: [string, string[], Partial<SmtpOptions>][] = [
  ['one command at a time', [], {}],
  ['with PIPELINING', ['PIPELINING'], {}],
  ['with PIPELINING, on one connection', ['PIPELINING'], { pool: { connections: 1 } }],
  ['with CHUNKING', ['CHUNKING'], {}],
  ['with PIPELINING and CHUNKING', ['PIPELINING', 'CHUNKING'], { pool: { connections: 1 } }],
  ['with a window of 4', ['PIPELINING', 'CHUNKING'], { pool: { connections: 1, window: 4 } }],
]

for (const [title, extensions, options] of ways) {
  describe(`smtp() ${title}`, () => {
    const create = async () => {
      const server = await startServer({ ...refusing, caps: [...EXTENSIONS, ...extensions] })
      const auth = { user: 'ann', pass: PASSWORD }
      return {
        transport: smtp({ host: '127.0.0.1', port: server.port, auth, timeoutMs: 5_000, ...options }),
        arrived: () => server.messages.map(({ envelope }) => envelope),
        release: () => server.close(),
      }
    }
    const secrets = [PASSWORD, Buffer.from(`\0ann\0${PASSWORD}`).toString('base64')]
    for (const { title: promise, run } of transportContract({
      create,
      refuses: true,
      converses: true,
      composes: true,
      secrets,
    })) {
      it(promise, run)
    }
  })
}
