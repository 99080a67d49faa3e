// With `tsc --strict` and without `skipLibCheck`: the types of engines that are not installed must not be asked for.
import { html, render, template, TemplateProblem, type TemplateEngine } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { previews } from '@loudmail/content/previews'
import { UnsubscribeLinks } from '@loudmail/content/unsubscribe'
import { Mailer, memory } from '@loudmail/core'

interface Templates {
  welcome: { name: string }
}

const engine: TemplateEngine = handlebars({ helpers: { loud: (word: string) => word.toUpperCase() } })
const mail = render<Templates>({ engine, folder: 'templates' })
const order = template(({ items }: { items: readonly string[] }) => ({
  subject: 'Thank you',
  html: html`<ul>
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`,
}))
const mailer = new Mailer({ transport: memory(), defaults: { from: 'tea@shop.example' } })
await mailer.send({ to: 'ann@example.com', template: mail('welcome', { name: 'Ann' }) })
await mailer.send({ to: 'ann@example.com', template: order({ items: ['Assam'] }, { locale: 'de' }) })
// @ts-expect-error -- the data of the template needs a name
mail('welcome', {})
// @ts-expect-error -- there is no such template
mail('goodbye', { name: 'Ann' })
// @ts-expect-error -- items is a list
order({ items: 'Assam' })
const links = new UnsubscribeLinks({ url: 'https://shop.example/leave', secret: 'x'.repeat(32) })
console.log(previews({ welcome: mail('welcome', { name: 'Ann' }) }), links, TemplateProblem)
