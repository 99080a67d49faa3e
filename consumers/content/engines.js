// Sends a mail with each engine, and fails with one, whatever versions of them are installed.
import assert from 'node:assert/strict'
import { template } from '@loudmail/content'
import { eta } from '@loudmail/content/eta'
import { handlebars } from '@loudmail/content/handlebars'
import { mjml } from '@loudmail/content/mjml'
import { previews } from '@loudmail/content/previews'
import { reactEmail } from '@loudmail/content/react-email'
import { Mailer, memory } from '@loudmail/core'
import { createElement } from 'react'

const hello = '<style>p { color: #0a7 }</style><p>Hello {{name}}!</p>'
const inMjml = '<mjml><mj-body><mj-raw><p style="color: #0a7">Hello {{name}}!</p></mj-raw></mj-body></mjml>'
const Hello = ({ name }) => createElement('p', { style: { color: '#0a7' } }, `Hello ${name}!`)
const subject = 'Welcome'
const welcomes = {
  eta: template({ engine: eta(), subject, html: hello.replace('{{name}}', '<%= it.name %>') }),
  handlebars: template({ engine: handlebars(), subject, html: hello }),
  mjml: template({ engine: mjml({ engine: handlebars() }), subject, html: inMjml }),
  react: template({ engine: reactEmail(), subject: () => subject, html: Hello }),
}
const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@example.com' } })
for (const [engine, welcome] of Object.entries(welcomes)) {
  await mailer.send({ template: welcome({ name: 'Ann' }) })
  const { html, text } = transport.messages.at(-1)
  assert.match(html, /<p style="color: ?#0a7;?">\s*Hello Ann!\s*<\/p>/, engine)
  assert.match(text, /Hello Ann!/, engine)
  const code = 'compose/template'
  await assert.rejects(mailer.send({ template: welcome({}) }), {
    code,
    message: /name is missing in the data/,
  })
}
assert.ok(await previews({ welcome: welcomes.react({ name: 'Ann' }) }).axe())
