import { html, type Html } from './html.ts'

const SEND = `await mailer.send({
  from: 'tea@shop.example',
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'It works.',
})`
const ADDRESS = 'fail+rcpt-to.mailbox-full@example.test'
const REHEARSE = "debug({ rehearse: 'rcpt-to/mailbox-full' })"
const CODES = ['auth/bad-credentials', 'connect/timeout', 'tls/certificate-expired', 'body/connection-lost']

/** What the page shows as long as there is no mail: how to send one, and how to see one fail. */
export function welcomeView(): Html {
  return html`<article id="message" class="welcome" tabindex="-1" aria-labelledby="welcome">
    <h2 id="welcome">No mail yet</h2>
    <p>Whatever your program sends appears here by itself, and so does whatever fails.</p>
    <h3>Send a first mail</h3>
    ${copyable(SEND)}
    <p>
      The transport of the mailer must keep its mails in the store of this inbox:
      <code>inbox(transport.store)</code>.
    </p>
    <h3>See one fail</h3>
    <p>Send a mail to this address. It works in a form of your app too.</p>
    ${copyable(ADDRESS)}
    <p>Or let every mail fail the same way:</p>
    ${copyable(REHEARSE)}
    <p>
      The failure happens on the wire, so your program sees what it would see in production. Others to try:
      ${CODES.map((code, index) => html`${index > 0 && ', '}<code>${code}</code>`)}.
    </p>
  </article>`
}

function copyable(text: string): Html {
  return html`<div class="copyable">
    <pre><code>${text}</code></pre>
    <button type="button" data-copy hidden>Copy</button>
  </div>`
}
