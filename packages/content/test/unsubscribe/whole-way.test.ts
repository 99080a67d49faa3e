import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { expect, it } from 'vitest'
import { unsubscribeHandler, UnsubscribeLinks } from '../../src/unsubscribe/index.ts'
import { listen, oneClick, SECRET } from './unsubscribe-server.ts'

it('a link goes out in the header and in the text of a mail, and takes its address off its list', async () => {
  const subscribers = new Set(['ann@rcpt.example', 'bob@rcpt.example'])
  const answer: { handler?: ReturnType<typeof unsubscribeHandler> } = {}
  const url = await listen((request, response) => answer.handler!(request, response))
  const links = new UnsubscribeLinks({
    url: `${url}/unsubscribe`,
    secret: SECRET,
    mailto: 'leave@sender.example',
  })
  answer.handler = unsubscribeHandler(links, ({ address }) => subscribers.delete(address))

  await using server = await startServer()
  const { hostname, port } = new URL(server.url)
  const transport = smtp({ host: hostname, port: Number(port) })
  await using mailer = new Mailer({ transport, defaults: { from: 'tea@sender.example' } })
  for (const address of subscribers) {
    const listUnsubscribe = links.link({ address, list: 'Grüße' })
    await mailer.send({ to: address, subject: 'Tea', text: listUnsubscribe.url, listUnsubscribe })
  }
  const mails = server.messages.map(({ content }) => content.toString())
  const found = mails.map(
    (mail) => /^List-Unsubscribe: <(http:[^>]+)>,\r\n <mailto:leave@sender/m.exec(mail)?.[1],
  )
  expect(found.map((link) => links.read(link!))).toEqual([
    { address: 'ann@rcpt.example', list: 'Grüße' },
    { address: 'bob@rcpt.example', list: 'Grüße' },
  ])
  for (const [index, mail] of mails.entries()) {
    expect(mail).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n')
    const [, text = ''] = mail.split('\r\n\r\n')
    const decoded = text.replaceAll('=\r\n', '').replaceAll('=3D', '=').trim()
    expect(decoded).toBe(found[index])
  }
  expect((await fetch(found[0]!)).status).toBe(200)
  expect([...subscribers]).toEqual(['ann@rcpt.example', 'bob@rcpt.example'])
  expect((await oneClick(found[0]!)).status).toBe(200)
  expect([...subscribers]).toEqual(['bob@rcpt.example'])
})

it('a link for one of several recipients is refused before anything is sent', async () => {
  await using server = await startServer()
  const { hostname, port } = new URL(server.url)
  await using mailer = new Mailer({ transport: smtp({ host: hostname, port: Number(port) }) })
  const links = new UnsubscribeLinks({ url: 'https://example.com/unsubscribe', secret: SECRET })
  const sending = mailer.send({
    from: 'tea@sender.example',
    to: ['ann@rcpt.example', 'bob@rcpt.example'],
    subject: 'Tea',
    listUnsubscribe: links.link({ address: 'ann@rcpt.example', list: 'tea' }),
  })
  await expect(sending).rejects.toMatchObject({
    code: 'compose/invalid-message',
    delivered: 'none',
    hint: expect.stringContaining('Send one message for each recipient'),
  })
  expect(server.connections).toEqual([])
})
