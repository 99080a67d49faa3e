import { Mailer, memory, type MailError } from '@loudmail/core'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { template } from '../src/index.ts'
import { scratchFolder } from './scratch-folder.ts'

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

  it.each<[string, unknown, string]>([
    ['an object without a prototype', Object.create(null), 'it threw something that cannot be shown'],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: 7 }), '7'],
    [
      'an error that cannot be read',
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('y')
        },
      }),
      'it threw something that cannot be shown',
    ],
  ])('may throw %s', async (_name, thrown, summary) => {
    const broken = template(() => {
      throw thrown
    })
    const error = await mailer.send({ template: broken({}) }).catch((failure: MailError) => failure)
    expect(error).toMatchObject({
      code: 'compose/template',
      summary,
      location: { file: import.meta.filename },
    })
  })

  it.each([
    ['a path', (file: string) => `x\n    at f (${file}:2:1)`],
    ['a URL', (file: string) => `x\n    at ${pathToFileURL(file).href}:2:1`],
    ['a URL that is no path', () => 'x\n    at f (file:///a%2Fb:1:1)'],
  ])('shows no file that the data of a message names: %s', async (_name, nameOf) => {
    await using folder = await scratchFolder({ 'customers.csv': 'id;name\n1;Bob\n' })
    const name = nameOf(join(folder.path, 'customers.csv'))
    const broken = template((data: { name: string }) => {
      throw new Error(`there is no ${data.name}`)
    })
    const error = await mailer.send({ template: broken({ name }) }).catch((thrown: MailError) => thrown)
    expect(error).toMatchObject({
      code: 'compose/template',
      summary: expect.stringContaining('there is no x'),
      location: { file: import.meta.filename, excerpt: expect.stringContaining('there is no ${data.name}') },
    })
    expect(inspect(error)).not.toContain('Bob')
  })
})
