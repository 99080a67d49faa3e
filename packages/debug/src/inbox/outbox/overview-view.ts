import { html, type Html } from '../html.ts'
import { duration } from '../units.ts'
import { STATE_NAMES, STATES } from './entry-state.ts'
import { outboxUrl } from './outbox-query.ts'
import type { ShownOutbox } from './shown-outbox.ts'

/** What the page shows until a message is chosen: how many there are, and what the states mean. */
export function overviewView(name: string, counts: Awaited<ReturnType<ShownOutbox['counts']>>): Html {
  const { oldestWaitingMs } = counts
  return html`<article
    id="message"
    class="overview"
    tabindex="-1"
    aria-labelledby="overview"
    data-version="${JSON.stringify(counts)}"
  >
    <h2 id="overview">Outbox</h2>
    <p><code>${name}</code></p>
    <p>
      ${
        oldestWaitingMs > 0
          ? html`The oldest message that is due has been waiting for
              <strong>${duration(oldestWaitingMs)}</strong>.`
          : 'No message that is due is waiting.'
      }
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col" class="number">Messages</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${STATE_NAMES.map(
          (state) =>
            html`<tr>
              <th scope="row"><a href="${outboxUrl({ state })}">${STATES[state].title}</a></th>
              <td class="number">${counts[state]}</td>
              <td>${STATES[state].meaning}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </article>`
}
