import { judge, scenarios, TIMEOUT_MS, type MakeTransport } from '@loudmail/corpus'
import { describe, it } from 'vitest'
import { nodemailer } from '../src/index.ts'

/** What nodemailer does not let one know, by scenario, with the reason. */
const CANNOT_KNOW: Readonly<Record<string, string>> = {}

const make: MakeTransport = ({ mode, auth, action }, { host, port, ca, proxy }) =>
  nodemailer({
    host,
    port,
    secure: mode === 'implicit',
    requireTLS: mode === 'starttls',
    tls: { ca },
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    ...(auth && {
      auth: auth.type
        ? { type: 'OAuth2', user: auth.user, accessToken: auth.token }
        : { user: auth.user, pass: auth.pass, method: auth.method },
    }),
    ...(proxy !== undefined && { proxy }),
    ...(action && action !== 'abort' && { pool: true, maxConnections: 1 }),
  })

describe.concurrent('every conversation of the failure corpus is told as it was', () => {
  for (const scenario of scenarios) {
    const test = scenario.id in CANNOT_KNOW ? it.fails : it
    test(`${scenario.id}: ${scenario.title}`, async () => judge(scenario, make))
  }
})
