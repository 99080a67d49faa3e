import { MailError } from '@loudmail/core'
import { expectTruth, scenarios, type Scenario, type Truth } from '@loudmail/corpus'
import { describe, expect, it } from 'vitest'
import { playExchange, WAYS, type Way } from './exchange-player.ts'

/** They end before MAIL, or need a client that does more than send one message. */
const NOT_APPLICABLE: readonly string[] = [
  'cfg-bad-port',
  'dns-enotfound',
  'conn-refused',
  'proxy-refused',
  'tls-to-plain-port',
  'tls-selfsigned',
  'tls-wronghost',
  'tls-stall',
  'tls-client-cert',
  'starttls-expired',
  'starttls-not-offered',
  'starttls-stall',
  'starttls-garbage',
  'starttls-injection',
  'greet-554',
  'greet-http',
  'greet-ssh',
  'greet-stall',
  'greet-fin',
  'ehlo-550',
  'ehlo-stall',
  'auth-not-offered-accepts',
  'auth-no-mech',
  'auth-534-app',
  'auth-421',
  'auth-530-tls',
  'auth-xoauth2-334',
  'auth-no-password',
  'auth-rst',
  'endless-multiline',
  'addr-nonascii',
  'crlf-subject',
  'bad-address',
  'attach-stream-error',
  'pool-close-queued',
  'pool-stale',
  'pool-stale-rst',
  'abort-dot',
]

/** The server breaks off before it answers content that it has already. */
const IN_DOUBT_WITH_BDAT = ['mail-rst', 'rcpt-2nd-421', 'rcpt-stall-pipe', 'garbage-mail']

const played = scenarios.filter(({ id }) => !NOT_APPLICABLE.includes(id))

for (const way of WAYS)
  describe(`what became of a message is told as it was, asked ${way}`, () => {
    for (const scenario of played.filter((each) => canBePlayed(each, way)))
      it(`${scenario.id}: ${scenario.title}`, () => {
        const outcome = playExchange(scenario, way)
        expectTruth(MailError.is(outcome) ? outcome : undefined, truthOf(scenario, way))
      })
  })

it('every scenario is played, or ends before MAIL or needs a client that does more', () => {
  const others = scenarios.filter(({ client, truth }) => client.action || truth.stage?.some(isBeforeMail))
  expect(others.map(({ id }) => id)).toEqual(NOT_APPLICABLE)
})

function isBeforeMail(stage: string): boolean {
  return !['mail-from', 'rcpt-to', 'data', 'body'].includes(stage)
}

/** What a scenario does at DATA cannot be played without DATA. */
function canBePlayed({ server }: Scenario, way: Way): boolean {
  return server.on?.DATA === undefined || way !== 'all at once with BDAT'
}

/** Content that went ahead of the replies may have arrived, although the truth of the corpus is that it did not. */
function truthOf({ id, truth }: Scenario, way: Way): Truth {
  if (way !== 'all at once with BDAT' || !IN_DOUBT_WITH_BDAT.includes(id)) return truth
  return { ...truth, delivered: 'unknown', ...(truth.code === undefined && { permanence: 'unknown' }) }
}
