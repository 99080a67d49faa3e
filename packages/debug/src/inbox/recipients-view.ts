import type { RecipientOutcome } from '@loudmail/core'
import { html, type Html } from './html.ts'

/** How many are shown at once; the others are folded. */
const SHOWN = 5
const SHOWN_ROWS = 10

const OUTCOMES = {
  accepted: 'accepted',
  rejected: 'refused',
  'not-attempted': 'not tried',
  unknown: 'not known',
} as const satisfies Record<RecipientOutcome['status'], string>

/** Mailboxes in one line; if they are many, only the first ones are visible. */
export function mailboxesView(mailboxes: readonly string[]): Html {
  if (mailboxes.length <= SHOWN + 1) return html`${mailboxes.join(', ')}`
  const more = mailboxes.slice(SHOWN)
  return html`${mailboxes.slice(0, SHOWN).join(', ')}
    <details class="more">
      <summary>and ${more.length} more</summary>
      ${more.join(', ')}
    </details>`
}

/** What became of each recipient: those that did not get the mail come first. */
export function recipientsView(recipients: readonly RecipientOutcome[]): Html {
  const sorted = recipients.toSorted(
    (a, b) => Number(a.status === 'accepted') - Number(b.status === 'accepted'),
  )
  const more = sorted.slice(SHOWN_ROWS)
  return html`<h3>Recipients</h3>
    ${tableView(sorted.slice(0, SHOWN_ROWS))}
    ${
      more.length > 0 &&
      html`<details class="more">
        <summary>and ${more.length} more</summary>
        ${tableView(more)}
      </details>`
    }`
}

function tableView(recipients: readonly RecipientOutcome[]): Html {
  return html`<table class="recipients">
    <thead>
      <tr>
        <th scope="col">Address</th>
        <th scope="col">Outcome</th>
        <th scope="col">Server said</th>
      </tr>
    </thead>
    <tbody>
      ${recipients.map(
        ({ address, status, reply }) =>
          html`<tr class="${status}">
            <td>${address}</td>
            <td>${OUTCOMES[status]}</td>
            <td>
              ${reply && html`<code>${[reply.code, reply.enhanced].filter(Boolean).join(' ')} ${reply.text}</code>`}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
