import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
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

assert.deepEqual(transport.messages[1]?.envelope.to, ['ann@example.com', 'bob@example.com'])
await mailer.close()
