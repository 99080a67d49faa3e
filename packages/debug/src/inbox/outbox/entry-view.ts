import type { MailError } from '@loudmail/core'
import type { View } from '../content-views.ts'
import { conversationView, FAILED_LINE } from '../conversation-view.ts'
import { failureView } from '../failure-view.ts'
import { html, type Html, type HtmlValue } from '../html.ts'
import { recipientsView } from '../recipients-view.ts'
import { actionsView, askView, noticeView } from './action-view.ts'
import { aboutView, detailsView } from './entry-facts.ts'
import { STATES } from './entry-state.ts'
import { outboxUrl, withEntry, type OutboxQuery } from './outbox-query.ts'
import type { ShownEntry } from './shown-outbox.ts'

/**
 * One message of the outbox: its state, what can be done with it, and one of its views.
 *
 * @param content its content, if that is what is looked at
 */
export function entryView(
  entry: ShownEntry,
  query: OutboxQuery,
  hasContent: boolean,
  content: Html | undefined,
): Html {
  const { id, state, subject, failures, updatedAt } = entry
  const chosen = failures[query.failure ?? failures.length - 1]
  const message = { name: 'message', title: 'Message', show: () => content ?? html`` }
  const views = [...viewsOf(entry, query, chosen), ...(hasContent ? [message] : [])]
  const current = views.find(({ name }) => name === query.view) ?? views[0]!
  const open = { ...withEntry(query, id), failure: query.failure }
  return html`<article
    id="message"
    aria-labelledby="subject"
    tabindex="-1"
    data-version="${id} ${state} ${updatedAt.getTime()}"
  >
    <header>
      <a class="back" href="${outboxUrl(withEntry(query))}">All messages</a>
      <h2 id="subject">${subject ?? '(subject not known)'}</h2>
      <p class="state pill ${state}">${STATES[state].title}</p>
      ${aboutView(entry)} ${actionsView(entry, query)}
    </header>
    ${noticeView(entry, query)}${askView(entry, query)}
    <nav class="views" aria-label="Views">
      ${views.map(
        ({ name, title }) =>
          html`<a
            href="${outboxUrl({ ...open, view: name })}${name === 'conversation' && `#${FAILED_LINE}`}"
            ${name === current.name && html` aria-current="page"`}
            >${title}</a
          >`,
      )}
    </nav>
    <section class="view ${current.name}" aria-label="${current.title}">${current.show()}</section>
  </article>`
}

function viewsOf(entry: ShownEntry, query: OutboxQuery, chosen: MailError | undefined): View[] {
  const { state, to, recipients } = entry
  const known = new Map(recipients.map((recipient) => [recipient.address, recipient]))
  const outcomes = to.map((address) => known.get(address) ?? ({ address, status: 'not-attempted' } as const))
  const people = { name: 'people', title: 'Recipients', show: () => recipientsView(outcomes) }
  const details = { name: 'details', title: 'Details', show: () => detailsView(entry) }
  if (!chosen) return [people, details]
  const choice = failuresView(entry, query, chosen)
  const why = {
    name: 'failure',
    title: 'Why it failed',
    show: () => html`${choice}${failureView(chosen)}`,
  }
  const conversation = {
    name: 'conversation',
    title: 'Conversation',
    show: () => html`${choice}${conversationView(chosen.transcript, chosen)}`,
  }
  return state === 'sent' ? [people, why, conversation, details] : [why, people, conversation, details]
}

/** All failures of the message, to choose one. */
function failuresView(
  { failures, attempts, id }: ShownEntry,
  query: OutboxQuery,
  chosen: MailError,
): HtmlValue {
  if (failures.length < 2) return undefined
  return html`<div class="tools">
    <ol class="failures" aria-label="Failures, the last one last">
      ${failures.map(
        (failure, index) =>
          html`<li>
            <a
              href="${outboxUrl({ ...withEntry(query, id), view: query.view, failure: index })}"
              ${failure === chosen && html` aria-current="true"`}
              >${failure.code}</a
            >
          </li>`,
      )}
    </ol>
    ${attempts > failures.length && html`<span>${failures.length} failures of ${attempts} attempts are kept</span>`}
  </div>`
}
