// Previews of templates. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { html, template } from '@loudmail/content'

const welcome = template(({ name }: { name: string }) => ({
  subject: 'Welcome',
  html: html`<p>Hello ${name}</p>`,
}))
const receipt = template(({ teas }: { teas: readonly string[] }) => ({
  subject: 'Your receipt',
  html: html`<ul>
    ${teas.map((tea) => html`<li>${tea}</li>`)}
  </ul>`,
}))

// snippet: previews
import { previews } from '@loudmail/content/previews'
import { debug, inbox } from '@loudmail/debug'

const transport = debug()
const shown = previews({
  welcome: welcome({ name: 'Ann' }),
  receipt: {
    'one tea': receipt({ teas: ['Assam'] }),
    'many teas': receipt({ teas: Array.from({ length: 100 }, () => 'Earl Grey') }),
  },
})
const page = inbox(transport.store, { previews: shown })
// end

const server = createServer(page).listen(0, '127.0.0.1')
await once(server, 'listening')
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/previews/`
const answer = await fetch(address)
assert.equal(answer.status, 200)
assert.match(await answer.text(), /welcome[^]*receipt/)
server.close()
await transport.close?.()

// snippet: check
for (const { name, samples } of shown.list()) {
  for (const sample of samples) {
    const preview = await shown.show(name, sample)
    assert.equal(preview?.error, undefined, `${name}, ${sample}`)
    assert.deepEqual(preview?.problems, [], `${name}, ${sample}`)
  }
}
// end
