import type { RecipientOutcome } from '@loudmail/core'
import type { StoredFailure } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'

const DELIVERED = {
  none: 'To nobody.',
  some: 'To some of the recipients.',
  unknown: 'Nobody knows: the server received the whole message, but its answer never came.',
} as const

const CAUSES = {
  transport: 'The connection, the server or its configuration.',
  sender: 'The sender address, or what it is allowed to do.',
  recipient: 'The recipient.',
  message: 'The message.',
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
            : 'Nothing.'
        }
      </dd>
      <dt>Delivered</dt>
      <dd>${DELIVERED[error.delivered]}</dd>
      <dt>Try again?</dt>
      <dd>${tryAgain(error)}</dd>
      <dt>Cause</dt>
      <dd>${CAUSES[error.scope]}</dd>
    </dl>
    ${error.recipients.length > 0 && recipientsView(error.recipients)}
    ${
      failures.length > 0 &&
      html`<h3>Attempts</h3>
        <ol class="attempts">
          ${failures.map((each) => html`<li><code>${each.code}</code> ${each.summary}</li>`)}
        </ol>`
    }
  </div>`
}

/** Whether it helps to send the message again, and whether somebody may get it twice. */
function tryAgain({ delivered, permanence, retryable }: StoredFailure): string {
  if (delivered === 'unknown')
    return retryable
      ? 'Only to the recipients that were refused for now. Check whether the message arrived before you send it to the others again.'
      : 'Do not send it again before you have checked whether it arrived.'
  if (retryable)
    return delivered === 'some'
      ? 'Yes, but only to the recipients that were refused for now. Those that were accepted have the message.'
      : 'Yes. Nobody has the message, and it may work later.'
  if (permanence === 'permanent')
    return 'No. Trying again will fail the same way until somebody fixes the cause.'
  return permanence === 'transient'
    ? 'Not with the same message, because it can be read only once. Make a new one for those who do not have it.'
    : 'Nobody knows whether that would help.'
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
