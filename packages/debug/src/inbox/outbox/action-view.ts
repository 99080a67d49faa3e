import { html, type Html, type HtmlValue } from '../html.ts'
import { mailboxesView } from '../recipients-view.ts'
import { ACTION_NAMES, ACTIONS, concerned, type EntryAction } from './entry-action.ts'
import { STATES } from './entry-state.ts'
import { outboxSearch, outboxUrl, withEntry, type OutboxQuery } from './outbox-query.ts'
import type { ShownEntry } from './shown-outbox.ts'

function isOffered(action: EntryAction, { state }: ShownEntry): boolean {
  return ACTIONS[action].states.includes(state)
}

/** Links that ask for what can be done with the message. */
export function actionsView(entry: ShownEntry, query: OutboxQuery): HtmlValue {
  const offered = ACTION_NAMES.filter((action) => isOffered(action, entry))
  return (
    offered.length > 0 &&
    html`<div class="actions">
      ${offered.map(
        (ask) =>
          html`<a class="button" href="${outboxUrl({ ...withEntry(query, entry.id), ask })}#ask"
            >${ACTIONS[ask].title}</a
          >`,
      )}
    </div>`
  )
}

/** Asks whether to do it, and says what it means. It works without a script. */
export function askView(entry: ShownEntry, query: OutboxQuery): HtmlValue {
  const { ask } = query
  if (ask === undefined || !isOffered(ask, entry)) return undefined
  const { title, question, effect } = ACTIONS[ask]
  const back = withEntry(query, entry.id)
  const seen = entry.updatedAt.getTime()
  const action = `entries/${entry.id}/${ask}${outboxSearch({ ...back, mail: undefined })}`
  return html`<section class="ask" id="ask" tabindex="-1" aria-labelledby="question">
    <h3 id="question">${question}</h3>
    <p>${effect(entry)} ${mailboxesView(concerned(ask, entry))}</p>
    <div class="actions">
      <form method="post" action="${action}${action.includes('?') ? '&' : '?'}seen=${seen}">
        <button>${title}</button>
      </form>
      <a class="button" href="${outboxUrl(back)}">Cancel</a>
    </div>
  </section>`
}

/** What became of what was asked for. */
export function noticeView(entry: ShownEntry, query: OutboxQuery): HtmlValue {
  const { ask, done, late } = query
  if (late !== undefined || (ask !== undefined && !isOffered(ask, entry)))
    return noticeText(
      `Nothing was changed, because the message has changed in the meantime. It is in this state now: ${STATES[entry.state].title.toLowerCase()}.`,
      'late',
    )
  return done !== undefined && noticeText(ACTIONS[done].done, 'done')
}

function noticeText(text: string, kind: 'done' | 'late'): Html {
  return html`<p class="notice ${kind}" id="notice" tabindex="-1">${text}</p>`
}
