import assert from 'node:assert/strict'
import { Mailer, transportFromUrl } from '@loudmail/core'
import { providerSchemes } from '@loudmail/providers'
import { ses } from '@loudmail/providers/ses'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('ses')
await using api = await startHttpServer(provider)
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE'
process.env.AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const secret = encodeURIComponent(process.env.AWS_SECRET_ACCESS_KEY)
process.env.MAIL_URL = `ses://AKIDEXAMPLE:${secret}@eu-west-1`
assert.equal(
  transportFromUrl(process.env.MAIL_URL, providerSchemes).name,
  'ses(email.eu-west-1.amazonaws.com)',
)

{
  const url = api.url
  // snippet: ses
  // The key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
  const transport = ses({ region: 'eu-west-1', configurationSet: 'mail', url })
  const mailer = new Mailer({ transport })
  await mailer.send({
    ...message,
    transportData: {
      tags: ['order'],
      metadata: { order: '4711' },
      ses: { list: { name: 'customers', topic: 'orders' } },
    },
  })
  // end
  assert.deepEqual(provider.taken[0]?.to, ['ann@example.com'])
  await mailer.close()
}

{
  const url = api.url
  // What the function of @aws-sdk/credential-providers returns.
  const fromNodeProviderChain = () => async () => ({ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret' })
  // snippet: role
  const transport = ses({ region: 'eu-west-1', credentials: fromNodeProviderChain(), url })
  // end
  const mailer = new Mailer({ transport })
  await mailer.send(message)
  assert.match(api.requests[1]?.headers['authorization'] ?? '', /Credential=ASIAEXAMPLE/)
  await mailer.close()
}
