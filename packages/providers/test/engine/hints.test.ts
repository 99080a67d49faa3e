import { MailError } from '@loudmail/core'
import { startHttpServer } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { NAMES, TRANSPORTS } from '../every-provider.ts'
import { api, failure, largeMessage, message } from './scene.ts'

/** What only makes sense for a server of SMTP. */
const OF_SMTP = /SMTP login|\bports?\b|user name|reverse DNS|STARTTLS|scanner|server(?:'s)? log|tlsOptions/

const STATUSES = [
  302, 400, 401, 402, 403, 404, 405, 407, 408, 409, 410, 413, 415, 421, 422, 425, 429, 451, 499, 500, 501,
  502, 503, 504, 507, 509, 520,
]

it.each(NAMES)('what %s may answer has no hint about SMTP', async (name) => {
  await using server = await startHttpServer()
  for (const status of STATUSES) {
    server.play({ status, body: '<html>No</html>' })
    const { kind, hint } = await failure(TRANSPORTS[name](server.url).send(message()))
    expect(hint, `${status} ${kind}`).not.toMatch(OF_SMTP)
    expect(hint).not.toBe('')
  }
})

it.each(['fin', 'reset'] as const)(
  'a connection that is lost by %s has no hint about SMTP',
  async (close) => {
    await using server = await startHttpServer()
    for (const after of ['connect', 'head', 'body'] as const) {
      server.play({ close, after })
      const { hint } = await failure(api(server.url).send(largeMessage()))
      expect(hint).not.toMatch(OF_SMTP)
    }
  },
)

it('what verify() finds has no hint about SMTP', async () => {
  await using server = await startHttpServer()
  for (const name of NAMES) {
    server.play({ status: 401, body: 'No' })
    const error: unknown = await TRANSPORTS[name](server.url).verify!().catch((thrown: unknown) => thrown)
    expect((error as MailError).hint, name).not.toMatch(OF_SMTP)
  }
})
