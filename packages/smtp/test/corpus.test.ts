import {
  judge,
  scenarios,
  TIMEOUT_MS,
  type ClientSettings,
  type MakeTransport,
  type Scenario,
} from '@loudmail/corpus'
import { describe, it } from 'vitest'
import { smtp, type SmtpAuth } from '../src/index.ts'

const make =
  (window: number): MakeTransport =>
  (client, { host, port, ca, proxy }) =>
    smtp({
      host,
      port,
      tls: client.mode === 'implicit' || client.mode === 'starttls' ? client.mode : 'opportunistic',
      tlsOptions: { ca },
      timeoutMs: TIMEOUT_MS,
      pool: { connections: 1, window },
      proxy,
      ...(client.auth && { auth: authOf(client.auth) }),
    })

function authOf({ user, pass, token, method }: NonNullable<ClientSettings['auth']>): SmtpAuth {
  if (token !== undefined) return { user, accessToken: token }
  return { user, pass: pass!, method: method as 'LOGIN' | undefined }
}

const DEFAULT_CAPS = ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8']

/** The same scenario with and without an extension, where it says nothing that this would change. */
function withExtensions(
  scenario: Scenario,
  change: (caps: readonly string[]) => readonly string[],
): Scenario {
  const { caps = DEFAULT_CAPS, capsTls, ...server } = scenario.server
  return {
    ...scenario,
    server: { ...server, caps: change(caps), ...(capsTls && { capsTls: change(capsTls) }) },
  }
}

const ways: [string, (scenario: Scenario) => Scenario | undefined, number][] = [
  ['as it stands', (scenario) => scenario, 1],
  [
    'without PIPELINING',
    (scenario) => withExtensions(scenario, (caps) => caps.filter((cap) => cap !== 'PIPELINING')),
    1,
  ],
  [
    'with PIPELINING',
    (scenario) => withExtensions(scenario, (caps) => [...new Set([...caps, 'PIPELINING'])]),
    1,
  ],
  [
    'with PIPELINING and CHUNKING',
    // Without DATA nothing can happen at DATA.
    (scenario) =>
      scenario.server.on?.DATA
        ? undefined
        : withExtensions(scenario, (caps) => [...new Set([...caps, 'PIPELINING', 'CHUNKING'])]),
    1,
  ],
]

for (const [title, change, window] of ways) {
  describe.concurrent(`every conversation of the failure corpus, ${title}, is told as it was`, () => {
    for (const original of scenarios) {
      const scenario = change(original)
      if (scenario) it(`${scenario.id}: ${scenario.title}`, async () => judge(scenario, make(window)))
    }
  })
}
