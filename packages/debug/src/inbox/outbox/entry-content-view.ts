import { thrownInWords } from '@loudmail/core/transport'
import { contentViews } from '../content-views.ts'
import { html, type Html } from '../html.ts'
import { readMail } from '../read-mail.ts'
import { entryMail } from './entry-mail.ts'
import { outboxUrl, withEntry, type OutboxQuery } from './outbox-query.ts'
import type { ShownOutbox } from './shown-outbox.ts'

/** The content of a message, in one of several ways. Never rejects: the rest of the page is worth seeing without it. */
export async function entryContentView(outbox: ShownOutbox, id: string, query: OutboxQuery): Promise<Html> {
  try {
    const mail = await entryMail(outbox, id)
    if (!mail) return html`<p class="empty">The content was removed, because nobody needs it any more.</p>`
    const { part, width, remote } = query
    const own = { ...withEntry(query, id), view: 'message' }
    const views = contentViews(mail, await readMail(mail), {
      width: width ?? 'desktop',
      remote: remote === 1,
      url: (look) =>
        outboxUrl({
          ...own,
          part: 'html',
          width: (look.width ?? width) === 'phone' ? 'phone' : undefined,
          remote: (look.remote ?? remote === 1) ? 1 : undefined,
        }),
    })
    const current = views.find(({ name }) => name === part) ?? views[0]!
    return html`<nav class="tools" aria-label="Parts of the message">
        ${views.map(
          ({ name, title }) =>
            html`<a
              href="${outboxUrl({ ...own, part: name })}"
              ${name === current.name && html` aria-current="page"`}
              >${title}</a
            >`,
        )}
      </nav>
      <div class="part ${current.name}">${current.show()}</div>`
  } catch (error) {
    return html`<p class="empty">The content cannot be shown: ${thrownInWords(error)}</p>`
  }
}
