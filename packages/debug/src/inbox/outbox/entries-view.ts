import { html, type Html } from '../html.ts'
import { duration, timeView } from '../units.ts'
import { STATE_NAMES, STATES } from './entry-state.ts'
import { outboxUrl, withEntry, type OutboxQuery } from './outbox-query.ts'
import type { EntryPage } from './read-entries.ts'
import type { ShownEntry, ShownOutbox, ShownState } from './shown-outbox.ts'

type Counts = Awaited<ReturnType<ShownOutbox['counts']>>

/** One page of the entries, the newest first. */
export function entriesView({ entries, hasMore }: EntryPage, counts: Counts, query: OutboxQuery): Html {
  const { mail, before } = query
  const older = hasMore && outboxUrl({ ...withEntry(query, mail), before: entries.at(-1)!.id })
  return html`<nav id="list" aria-label="Messages in the outbox">
    <div class="head">
      <p class="count" id="count">
        ${countText(counts, query)}${
          before !== undefined &&
          html` · <a href="${outboxUrl({ ...withEntry(query, mail), before: undefined })}">Newest</a>`
        }
      </p>
      <button type="button" id="newer" hidden>Newer mails</button>
      <span class="states" role="group" aria-label="Show">
        ${chipView(undefined, counts, query)}${STATE_NAMES.map((state) => chipView(state, counts, query))}
      </span>
    </div>
    ${
      entries.length === 0 &&
      html`<p class="empty">${before === undefined ? emptyText(query) : 'There are no older messages.'}</p>`
    }
    <ol>
      ${entries.map((entry) => rowView(entry, query))}
    </ol>
    ${older && html`<p class="more"><a href="${older}" rel="next">Older</a></p>`}
  </nav>`
}

function total(counts: Counts): number {
  return STATE_NAMES.reduce((sum, state) => sum + counts[state], 0)
}

function countText(counts: Counts, { state }: OutboxQuery): string {
  const number = state === undefined ? total(counts) : counts[state]
  const what = `${number} ${number === 1 ? 'message' : 'messages'}`
  const { oldestWaitingMs } = counts
  return oldestWaitingMs > 0 ? `${what}, the oldest due for ${duration(oldestWaitingMs)}` : what
}

function chipView(state: ShownState | undefined, counts: Counts, query: OutboxQuery): Html {
  const number = state === undefined ? total(counts) : counts[state]
  return html`<a
    href="${outboxUrl({ state, mail: query.mail })}"
    class="${state ?? 'all'}${number > 0 && ' some'}"
    ${state === query.state && html` aria-current="true"`}
    >${state === undefined ? 'All' : STATES[state].title} <span>${number}</span></a
  >`
}

function rowView(entry: ShownEntry, query: OutboxQuery): Html {
  const { id, state, to, from, subject, createdAt, dueAt, attempts, failures } = entry
  const code = state === 'sent' ? undefined : failures.at(-1)?.code
  const others = to.length - 2
  return html`<li>
    <a
      href="${outboxUrl(withEntry(query, id))}"
      data-mail="${id}"
      class="${state}"
      ${id === query.mail && html` aria-current="true"`}
    >
      <span class="to">${to.slice(0, 2).join(', ')}${others > 0 && ` and ${others} more`}</span>
      ${timeView(createdAt)}
      <span class="subject">${subject ?? '(subject not known)'}</span>
      <span class="pill ${state}">${STATES[state].title}</span>
      <span class="text"
        >${code !== undefined && html`<span class="code">${code}</span> `}${attemptsText(attempts)}${
          state === 'scheduled' && html`, ${attempts > 0 ? 'again' : 'goes out'} ${timeView(dueAt)}`
        }</span
      >
      <span class="hidden">from ${from}</span>
    </a>
  </li>`
}

function attemptsText(attempts: number): string {
  if (attempts === 0) return 'not tried yet'
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`
}

function emptyText({ state }: OutboxQuery): string {
  return state === undefined
    ? 'What your program sends through the outbox appears here by itself.'
    : `No message is in this state: ${STATES[state].title.toLowerCase()}.`
}
