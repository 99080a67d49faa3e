import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { testInbox } from '@loudmail/testing'

const transport = debug()
await using mailer = new Mailer({
  transport,
  defaults: { from: 'Tea Shop <tea@example.com>' },
  failure: 'silent',
  observe: (event) => void event.error,
})

/** The code under test: it answers before its mail is sent. */
async function signUp(to: string): Promise<void> {
  const html = '<a href="https://tea.example/confirm?user=1&amp;token=x">Confirm</a> or type 482 913.'
  setImmediate(() => void mailer.send({ to, subject: 'Confirm your address', html }))
}

{
  // snippet: inbox
  const inbox = testInbox(transport)
  await signUp('ann@example.com')
  const mail = await inbox.waitFor({ to: 'ann@example.com', subject: /confirm/i })
  assert.equal(mail.links[0], 'https://tea.example/confirm?user=1&token=x')
  assert.deepEqual(mail.codes, ['482913'])
  // end
}

{
  // snippet: for
  const inbox = testInbox(transport).for('bob@example.com')
  await inbox.clear()
  await signUp('bob@example.com')
  const mail = await inbox.waitFor(({ html }) => html.includes('Confirm'), { timeoutMs: 2_000 })
  // end
  assert.deepEqual(mail.envelope.to, ['bob@example.com'])
  assert.equal((await inbox.mails()).length, 1)
}

{
  const inbox = testInbox(transport)
  await mailer.send({ to: 'fail+rcpt-to.mailbox-full@example.com', subject: 'Welcome', text: 'Tea?' })
  // snippet: missing
  const waiting = inbox.waitFor({ to: 'ann@example.com', subject: 'Welcome' }, { timeoutMs: 100 })
  // end
  await assert.rejects(waiting, ({ message }: Error) => {
    console.log(message)
    return true
  })
}
