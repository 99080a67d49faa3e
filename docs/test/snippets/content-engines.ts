// The template engines. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { template, type Template } from '@loudmail/content'
import { reactEmail } from '@loudmail/content/react-email'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { testInbox } from '@loudmail/testing'
import { createElement } from 'react'

interface Reader {
  readonly name: string
}

const all: Record<string, Template<Reader>> = {}

// snippet: handlebars
import { handlebars } from '@loudmail/content/handlebars'

all['handlebars'] = template<Reader>({
  engine: handlebars(),
  subject: 'Welcome, {{name}}',
  html: '<p>Hello {{name}}</p>',
})
// end

// snippet: eta
import { eta } from '@loudmail/content/eta'

all['eta'] = template<Reader>({
  engine: eta(),
  subject: 'Welcome, <%= it.name %>',
  html: '<p>Hello <%= it.name %></p>',
})
// end

// snippet: mjml
import { mjml } from '@loudmail/content/mjml'

all['mjml'] = template<Reader>({
  engine: mjml({ engine: handlebars() }),
  subject: 'Welcome, {{name}}',
  html: `<mjml>
    <mj-body>
      <mj-section><mj-column><mj-text>Hello {{name}}</mj-text></mj-column></mj-section>
    </mj-body>
  </mjml>`,
})
// end

// snippet: react
const Welcome = ({ name }: Reader) => createElement('p', null, `Hello ${name}`)

all['react-email'] = template<Reader>({
  engine: reactEmail(),
  subject: ({ name }) => `Welcome, ${name}`,
  html: Welcome,
})
// end

const transport = debug()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
for (const [name, welcome] of Object.entries(all)) {
  await mailer.send({ to: 'ann@example.com', template: welcome({ name: 'Ann & Bob' }) })
  const { subject, html, text } = await testInbox(transport).last()
  assert.equal(subject, 'Welcome, Ann & Bob', name)
  assert.match(html, /Hello Ann &amp; Bob/, name)
  assert.match(text, /Hello Ann & Bob/, name)
}
await mailer.close()
