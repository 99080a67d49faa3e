import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Mailer, memory } from '@loudmail/core'

// snippet: core
const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const receipt = await mailer.send({ to: 'ann@example.com', subject: 'Welcome', text: 'Your tea is waiting.' })
// end

assert.deepEqual([receipt.ok, receipt.state], [true, 'captured'])
assert.deepEqual(transport.messages[0]?.envelope.to, ['ann@example.com'])

const logo = Buffer.from('PNG')
const invoice = import.meta.filename
// snippet: message
await mailer.send({
  to: ['Ann <ann@example.com>', { name: 'Bob', address: 'bob@example.com' }],
  subject: 'Your order',
  text: 'The invoice is attached.',
  html: '<img src="cid:logo"> <p>The invoice is attached.</p>',
  attachments: [
    { filename: 'invoice.pdf', content: () => createReadStream(invoice) },
    { filename: 'logo.png', content: logo, contentId: 'logo' },
  ],
})
// end

const server = createServer((_request, response) => void response.end('PDF')).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/terms.pdf`
const mail = { to: 'ann@example.com', text: 'The terms are attached.' }
// snippet: download
const content = async () => {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return response.body
}
await mailer.send({ ...mail, attachments: [{ filename: 'terms.pdf', content }] })
// end
const [attachment] = transport.messages[2]?.raw ? [] : (transport.messages[2]?.attachments ?? [])
const chunks: Uint8Array[] = []
for await (const chunk of attachment!.open()) chunks.push(chunk)
assert.equal(String(Buffer.concat(chunks)), 'PDF')
server.close()

assert.deepEqual(transport.messages[1]?.envelope.to, ['ann@example.com', 'bob@example.com'])
await mailer.close()
