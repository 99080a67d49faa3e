import type { SourceLocation } from '@loudmail/core'
import { placeOf } from '@loudmail/core/transport'
import type { StoredFailure } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'
import { recipientsView } from './recipients-view.ts'

const DELIVERED = {
  none: 'Nobody.',
  some: 'Only some of the recipients: see below.',
  unknown: 'Nobody knows. The server received the whole message, but its answer never came.',
} as const

const ACTORS = {
  transport:
    'Whoever looks after the mail server, its settings or the network. The message and its addresses are not the cause.',
  sender: 'Whoever may change the sender address, or what that sender is allowed to do.',
  recipient: 'Whoever entered the address, or the person behind it.',
  message: 'Whoever writes the message: its content was refused.',
} as const

/** Why a send failed, and what to do about it. */
export function failureView(error: StoredFailure): Html {
  const { reply, failures } = error
  return html`<div>
    ${reasonView(error)}
    <dl>
      <dt>Server said</dt>
      <dd>
        ${
          reply
            ? html`<code>${[reply.code, reply.enhanced].filter(Boolean).join(' ')} ${reply.text}</code>${
                  reply.command !== undefined &&
                  html` <span class="to">in answer to <code>${reply.command}</code></span>`
                }`
            : error.stage === 'compose' || error.stage === 'config'
              ? 'Nothing: it was not asked.'
              : 'Nothing.'
        }
      </dd>
      <dt>Who got the mail?</dt>
      <dd>${DELIVERED[error.delivered]}</dd>
      <dt>Try again?</dt>
      <dd>${tryAgain(error)}</dd>
      <dt>Who has to act?</dt>
      <dd>${whoActs(error)}</dd>
    </dl>
    ${error.recipients.length > 0 && recipientsView(error.recipients)}
    ${
      failures.length > 0 &&
      html`<h3>Attempts</h3>
        <ol class="attempts">
          ${failures.map((each) => html`<li>${each.summary} <code class="code">${each.code}</code></li>`)}
        </ol>`
    }
  </div>`
}

/** What happened, what to do, and where: what is worth knowing even if nothing was sent. */
export function reasonView({ summary, code, kind, hint, location }: StoredFailure): Html {
  // The first letter is made a capital, but not that of a name in quotes or of a value in a template.
  const what = /^[a-z]/.test(summary) && kind !== 'template' ? 'what' : 'what verbatim'
  // The hint says how a program finds the place.
  const isShown = kind === 'template' && location?.excerpt !== undefined
  return html`<p class="${what}">${summary} <code class="code">${code}</code></p>
    ${location && locationView(location)}
    ${!isShown && html`<p class="hint"><strong>What to do</strong> ${hint}</p>`}`
}

function locationView(location: SourceLocation): Html {
  const { excerpt } = location
  return html`<div class="location">
    <p>In <code>${placeOf(location)}</code></p>
    ${excerpt !== undefined && html`<pre tabindex="0" aria-label="The lines around it">${excerpt}</pre>`}
  </div>`
}

function whoActs({ stage, kind, scope }: StoredFailure): string {
  if (kind === 'invalid-address') return 'Whoever entered the address, or the code that takes it from them.'
  if (stage === 'compose') return 'You, in the code that makes the message.'
  if (stage === 'config') return 'You, in the settings of the mailer.'
  return ACTORS[scope]
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
