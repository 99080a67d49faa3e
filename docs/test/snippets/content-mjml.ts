// MJML with Handlebars. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { template } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { mjml } from '@loudmail/content/mjml'
import { Mailer, memory } from '@loudmail/core'

interface Order {
  readonly name: string
  readonly teas: readonly string[]
}

// snippet: engine-first
const order = template<Order>({
  engine: mjml({ engine: handlebars() }),
  html: `<mjml>
    <mj-head>
      <mj-title>Your order, {{name}}</mj-title>
      <mj-style inline="inline">.tea { color: #2f6f3e }</mj-style>
    </mj-head>
    <mj-body>
      <mj-section>
        <mj-column>
          {{#each teas}}
          <mj-text><p class="tea">{{this}}</p></mj-text>
          {{/each}}
        </mj-column>
      </mj-section>
    </mj-body>
  </mjml>`,
})
// end

// snippet: once
const welcome = template<{ name: string; isNew: boolean }>({
  engine: mjml({ engine: handlebars(), once: true }),
  subject: 'Welcome, {{name}}',
  html: `<mjml>
    <mj-body>
      <mj-section>
        <mj-column>
          <mj-text>Hello {{name}}</mj-text>
          <mj-raw>{{#if isNew}}</mj-raw>
          <mj-button href="https://shop.example/first">Your first tea</mj-button>
          <mj-raw>{{/if}}</mj-raw>
        </mj-column>
      </mj-section>
    </mj-body>
  </mjml>`,
})
// end

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@example.com' } })
await mailer.send({ template: order({ name: 'Ann & Bob', teas: ['Assam', 'Ceylon'] }) })
await mailer.send({ template: welcome({ name: 'Ann', isNew: true }) })
await mailer.send({ template: welcome({ name: 'Ann', isNew: false }) })
const [ordered, first, second] = transport.messages.map((message) => ('raw' in message ? undefined : message))
assert.equal(ordered?.subject, 'Your order, Ann & Bob')
assert.match(ordered.html ?? '', /<p class="tea" style="color: #2f6f3e;">Assam<\/p>/)
assert.match(ordered.text ?? '', /Assam\s+Ceylon/)
assert.match(first?.text ?? '', /Hello Ann\s+Your first tea/)
assert.doesNotMatch(second?.text ?? '', /first tea/)

// snippet: broken
const broken = template({
  engine: mjml(),
  subject: 'Welcome',
  html: `<mjml>
    <mj-body>
      <mj-text>Hello
    </mj-body>
  </mjml>`,
})
// end
const error = await mailer.send({ template: broken({}) }).catch((thrown: Error) => thrown)
assert.ok(error instanceof Error)
console.log(error.message)
