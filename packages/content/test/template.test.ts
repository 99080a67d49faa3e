import { Mailer, memory, type MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { template } from '../src/index.ts'

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@rcpt.example' } })

describe('a template that is a function', () => {
  it('has its subject from the title, its CSS inlined and a text part', async () => {
    const welcome = template(({ name }: { name: string }) => ({
      html: `<html><head><title>Welcome, ${name}</title><style>p{color:red}</style></head><body><p>Hello ${name}</p></body></html>`,
    }))
    await mailer.send({ template: welcome({ name: 'Ann' }) })
    expect(transport.messages.at(-1)).toMatchObject({
      subject: 'Welcome, Ann',
      html: expect.stringContaining('<p style="color: red;">Hello Ann</p>'),
      text: 'Hello Ann',
    })
  })

  it('that throws fails with its file, its line and an excerpt', async () => {
    const broken = template((data: { user?: { name: string } }) => ({
      html: `<p>Hello ${data.user!.name}</p>`,
    }))
    const error = await mailer.send({ template: broken({}) }).catch((thrown: MailError) => thrown)
    expect(error).toMatchObject({
      code: 'compose/template',
      location: { file: import.meta.filename, excerpt: expect.stringContaining('data.user!.name') },
    })
  })
})
