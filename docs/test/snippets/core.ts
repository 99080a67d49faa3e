import assert from 'node:assert/strict'
import { Mailer, memory } from '@loudmail/core'

// snippet: core
const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const receipt = await mailer.send({ to: 'ann@example.com', subject: 'Welcome', text: 'Your tea is waiting.' })
// end

assert.deepEqual([receipt.ok, receipt.state], [true, 'captured'])
assert.deepEqual(transport.messages[0]?.envelope.to, ['ann@example.com'])
await mailer.close()
