// snippet: send
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { smtp } from '@loudmail/smtp'

const transport = process.env.MAIL_URL ? smtp(process.env.MAIL_URL) : debug()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const receipt = await mailer.send({ to: 'ann@example.com', subject: 'Welcome', text: 'Your tea is ready.' })

console.log(receipt.state, receipt.response)
// end
