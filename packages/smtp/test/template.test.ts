import { dedupe, Mailer, redirect, type TemplateInput } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { scene } from './scene.ts'

const to = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
const welcome = {
  subject: 'Welcome',
  html: '<img src="cid:logo">',
  text: 'Hi',
  attachments: [{ filename: 'logo.png', content: 'png', contentId: 'logo' }],
}

describe('a message with a template', () => {
  it('arrives as one with that content', async () => {
    await using here = await scene()
    await using mailer = new Mailer({ transport: here.transport })
    const template: TemplateInput = async () => welcome
    const receipt = await mailer.send({ ...to, template, attachments: [{ filename: 'bill', content: 'x' }] })
    const [message] = here.server.messages
    const content = Buffer.from(message!.content).toString()
    expect(content).toContain(`Message-ID: ${receipt.messageId}`)
    expect(content).toContain('Subject: Welcome')
    expect(content.indexOf('logo.png')).toBeLessThan(content.indexOf('bill'))
  })

  it.each<[string, TemplateInput]>([
    [
      'throws',
      () => {
        throw new Error('no name')
      },
    ],
    ['returns something else', async () => ({ body: 'Hi' }) as never],
  ])('that %s fails before any connection', async (_what, template) => {
    await using here = await scene()
    await using mailer = new Mailer({ transport: here.transport })
    await expect(mailer.send({ ...to, template })).rejects.toThrow('compose/template')
    expect(here.server.connections).toEqual([])
    await mailer.send({ ...to, template: welcome })
    expect(here.server.connections).toHaveLength(1)
  })

  it('is a message like any other for redirect() and dedupe()', async () => {
    await using here = await scene()
    const transport = dedupe(redirect(here.transport, { to: 'test@rcpt.example' }))
    await using mailer = new Mailer({ transport })
    let rendered = 0
    const template: TemplateInput = () => ({ ...welcome, subject: `Welcome ${++rendered}` })
    const first = await mailer.send({ ...to, template, idempotencyKey: 'welcome-7' })
    const again = await mailer.send({ ...to, template, idempotencyKey: 'welcome-7' })
    expect(again.messageId).toBe(first.messageId)
    expect(here.server.messages.map(({ envelope }) => envelope.to)).toEqual([['test@rcpt.example']])
    expect(Buffer.from(here.server.messages[0]!.content).toString()).toContain('Subject: Welcome 1')
  })
})
