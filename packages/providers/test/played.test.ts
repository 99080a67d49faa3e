import { transportFromUrl } from '@loudmail/core'
import { playProvider, startHttpServer, type ProviderName } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { providerSchemes } from '../src/index.ts'
import { failure } from './engine/scene.ts'

const URLS: Partial<Record<ProviderName, string>> = {
  resend: 'resend://re_123@',
  postmark: 'postmark://token@',
  ses: 'ses://AKIA123:secret@eu-west-1',
  sendgrid: 'sendgrid://SG.123@',
  mailgun: 'mailgun://key@mg.example.com',
  brevo: 'brevo://xkeysib-123@',
}

it.each(Object.entries(URLS) as [ProviderName, string][])(
  'the played API of %s answers what verify() asks, and takes no message',
  async (name, url) => {
    const provider = playProvider(name)
    await using server = await startHttpServer(provider)
    const transport = transportFromUrl(`${url}?url=${server.url}`, providerSchemes)
    await transport.verify!()
    expect(server.requests).toHaveLength(1)
    expect(provider.taken).toEqual([])
    server.play({ status: 401 })
    expect(await failure(transport.verify!())).toMatchObject({ stage: 'submit', delivered: 'none' })
  },
)

it('a check without credentials is refused', async () => {
  await using server = await startHttpServer(playProvider('sendgrid'))
  expect((await fetch(`${server.url}/v3/scopes`)).status).toBe(401)
})
