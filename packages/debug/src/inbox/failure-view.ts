import type { RecipientOutcome } from '@loudmail/core'
import type { StoredFailure } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'

const DELIVERED = {
  none: 'to nobody',
  some: 'to some of the recipients',
  unknown: 'nobody knows: the server had the whole message, and its answer never came',
} as const

const PERMANENCE = {
  permanent: 'yes, until somebody changes something',
  transient: 'no, it may pass by itself',
  unknown: 'nobody knows',
} as const

/** Why a send failed, and what to do about it. */
export function failureView(error: StoredFailure): Html {
  const { reply, failures } = error
  return html`<div>
    <p class="what"><code>${error.code}</code> ${error.summary}</p>
    <p class="hint"><strong>What to do</strong> ${error.hint}</p>
    <dl>
      <dt>Server said</dt>
      <dd>
        ${
          reply
            ? html`<code>${[reply.code, reply.enhanced].filter(Boolean).join(' ')} ${reply.text}</code>${
                  reply.command !== undefined &&
                  html` <span class="to">to <code>${reply.command}</code></span>`
                }`
            : 'nothing'
        }
      </dd>
      <dt>Delivered</dt>
      <dd>${DELIVERED[error.delivered]}</dd>
      <dt>Will it fail again?</dt>
      <dd>${PERMANENCE[error.permanence]}</dd>
      <dt>Safe to try again?</dt>
      <dd>${error.retryable ? 'yes: nobody would get it twice' : 'no'}</dd>
      <dt>Whose fault</dt>
      <dd>${error.scope}</dd>
    </dl>
    ${error.recipients.length > 0 && recipientsView(error.recipients)}
    ${
      failures.length > 0 &&
      html`<h3>Tries</h3>
        <ol class="tries">
          ${failures.map((each) => html`<li><code>${each.code}</code> ${each.summary}</li>`)}
        </ol>`
    }
  </div>`
}

function recipientsView(recipients: readonly RecipientOutcome[]): Html {
  return html`<h3>Recipients</h3>
    <table class="recipients">
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
              <td>${status.replace('-', ' ')}</td>
              <td>
                ${reply && html`<code>${[reply.code, reply.enhanced].filter(Boolean).join(' ')} ${reply.text}</code>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`
}
