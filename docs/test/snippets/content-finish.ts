import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, MailError, memory } from '@loudmail/core'
import { html, template } from '@loudmail/content'

const folder = await mkdtemp(join(tmpdir(), 'mails-'))
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
await writeFile(join(folder, 'logo.png'), Buffer.from(png, 'base64'))
const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example' } })
const to = 'ann@example.com'
const code = async (send: Promise<unknown>): Promise<string> =>
  send.then(
    () => 'sent',
    (error: unknown) => (MailError.is(error) ? error.message : String(error)),
  )

{
  // snippet: html
  const order = template<{ name: string; items: { title: string; count: number }[]; note?: string }>(
    ({ name, items, note }) => ({
      subject: `Your order, ${name}`,
      html: html`
        <style>
          td {
            padding: 4px;
          }
          a:hover {
            color: red;
          }
        </style>
        <img src="logo.png" alt="The tea shop" />
        <h1>Thank you, ${name}!</h1>
        <table>
          <tr>
            <th>Tea</th>
            <th>Count</th>
          </tr>
          ${items.map(
            ({ title, count }) =>
              html`<tr>
                <td>${title}</td>
                <td>${count}</td>
              </tr>`,
          )}
        </table>
        ${note ? html`<p>${note}</p>` : null}
        <a href="https://shop.example/orders">See your order</a>
      `,
    }),
    { images: folder },
  )
  await mailer.send({
    to,
    template: order({ name: '<Ann>', items: [{ title: 'Assam', count: 2 }], note: 'Soon!' }),
  })
  // end
  const sent = transport.messages.at(-1)
  assert(sent && 'html' in sent)
  assert.match(String(sent.html), /<td style="padding: 4px;">Assam<\/td>/)
  assert.match(String(sent.html), /Thank you, &lt;Ann&gt;!/)
  assert.match(String(sent.html), /src="cid:logo\./)
  assert.equal(
    sent.text,
    'The tea shop\n\n\nThank you, <Ann>!\n\nTea     Count\nAssam   2\n\nSoon!\n\nSee your order (https://shop.example/orders)',
  )
}

{
  // snippet: missing
  const welcome = template<{ user: { name?: string; title?: string } }>(({ user }) => ({
    subject: 'Welcome',
    text: `Hello ${user.title ?? ''} ${user.name}`,
  }))
  await mailer.send({ to, template: welcome({ user: { name: 'Ann' } }) })
  const error = await code(mailer.send({ to, template: welcome({ user: {} }) }))
  // end
  assert.match(error, /user\.name is missing in the data/)
}

{
  // snippet: avatar
  const profile = template<{ avatar: string }>(
    ({ avatar }) => ({ subject: 'You', html: html`<img src="${avatar}" alt="You" />` }),
    { images: folder },
  )
  const error = await code(mailer.send({ to, template: profile({ avatar: '../../.env' }) }))
  // end
  assert.match(error, /is outside of the folder of the images/)
}

await mailer.close()
await rm(folder, { recursive: true })
