import { html, type Html, type HtmlValue } from '../html.ts'
import { mailboxesView } from '../recipients-view.ts'
import { fullTimeView } from '../units.ts'
import { STATES } from './entry-state.ts'
import type { ShownEntry } from './shown-outbox.ts'

type Fact = readonly [title: string, value: HtmlValue] | false | undefined

/** What people look for first. */
export function aboutView({
  state,
  from,
  to,
  messageId,
  attempts,
  dueAt,
  giveUpAt,
  createdAt,
}: ShownEntry): Html {
  const isPending = state === 'waiting' || state === 'scheduled' || state === 'in-flight'
  return html`<dl class="about">
    ${factsView([
      ['From', from === '' ? '<>' : from],
      ['To', mailboxesView(to)],
      ['Added', fullTimeView(createdAt)],
      ['Attempts', attempts],
      isPending && [attempts > 0 ? 'Next attempt' : 'Due', fullTimeView(dueAt)],
      isPending && ['Given up', fullTimeView(giveUpAt)],
      messageId !== undefined && ['Message-ID', html`<code>${messageId}</code>`],
    ])}
  </dl>`
}

/** Everything else that is known of an entry. */
export function detailsView(entry: ShownEntry): Html {
  const { id, state, idempotencyKey, priority, response, dueAt, updatedAt, giveUpAt } = entry
  return html`<dl>
    ${factsView([
      ['State', STATES[state].meaning],
      ['Entry', html`<code>${id}</code>`],
      idempotencyKey !== undefined && ['Idempotency key', html`<code>${idempotencyKey}</code>`],
      ['Priority', priority],
      ['Due', fullTimeView(dueAt)],
      ['Given up at', fullTimeView(giveUpAt)],
      ['Changed', fullTimeView(updatedAt)],
      response !== undefined && ['Server said', html`<code>${response}</code>`],
    ])}
  </dl>`
}

function factsView(facts: readonly Fact[]): Html[] {
  return facts
    .filter((fact) => fact !== undefined && fact !== false)
    .map(
      ([title, value]) =>
        html`<dt>${title}</dt>
          <dd>${value}</dd>`,
    )
}
