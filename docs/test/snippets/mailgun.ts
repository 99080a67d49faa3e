import assert from 'node:assert/strict'
import { Mailer, transportFromUrl } from '@loudmail/core'
import { providerSchemes } from '@loudmail/providers'
import { mailgun } from '@loudmail/providers/mailgun'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('mailgun')
await using api = await startHttpServer(provider)
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
const MAILGUN_KEY = '0123456789abcdef0123456789abcdef-01234567-89abcdef'
Object.assign(process.env, { MAILGUN_KEY })
process.env.MAIL_URL = `mailgun://${MAILGUN_KEY}@mg.example.com?region=eu`
assert.equal(transportFromUrl(process.env.MAIL_URL, providerSchemes).name, 'mailgun(api.eu.mailgun.net)')

{
  const url = api.url
  // snippet: mailgun
  const transport = mailgun({ key: process.env.MAILGUN_KEY, domain: 'mg.example.com', region: 'eu', url })
  const mailer = new Mailer({ transport })
  await mailer.send({
    ...message,
    transportData: {
      tags: ['order'],
      metadata: { order: '4711' },
      mailgun: { requireTls: true, tracking: false },
    },
  })
  // end
  assert.deepEqual(provider.taken[0]?.to, ['ann@example.com'])
  await mailer.close()
}
