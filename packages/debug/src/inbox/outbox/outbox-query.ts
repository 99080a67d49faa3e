import { isAction, type EntryAction } from './entry-action.ts'
import { isState } from './entry-state.ts'
import type { ShownState } from './shown-outbox.ts'

/** What the page shows. All of it is in the address, so that the page can be shared and reloaded. */
export interface OutboxQuery {
  readonly state?: ShownState | undefined
  /** Only entries older than the one with this id. */
  readonly before?: string | undefined
  /** The id of the entry that is open. */
  readonly mail?: string | undefined
  readonly view?: string | undefined
  /** Which part of its content. */
  readonly part?: string | undefined
  readonly width?: 'phone' | undefined
  /** Whether remote content is loaded. */
  readonly remote?: 1 | undefined
  /** Which of its failures, from 0. */
  readonly failure?: number | undefined
  /** An action that needs to be confirmed. */
  readonly ask?: EntryAction | undefined
  /** An action that was just done. */
  readonly done?: EntryAction | undefined
  /** An action that was not possible, because the entry had changed. */
  readonly late?: EntryAction | undefined
}

const ID = /^[\w-]{1,100}$/

export function outboxQuery(parameters: URLSearchParams): OutboxQuery {
  const get = (name: string): string | undefined => parameters.get(name) ?? undefined
  const id = (name: string): string | undefined => ID.exec(get(name) ?? '')?.[0]
  const action = (name: string): EntryAction | undefined => [get(name)].find(isAction)
  const state = get('state')
  const failure = get('failure')
  return {
    state: isState(state) ? state : undefined,
    before: id('before'),
    mail: id('mail'),
    view: get('view'),
    part: get('part'),
    width: get('width') === 'phone' ? 'phone' : undefined,
    remote: get('remote') === '1' ? 1 : undefined,
    failure: /^\d{1,2}$/.test(failure ?? '') ? Number(failure) : undefined,
    ask: action('ask'),
    done: action('done'),
    late: action('late'),
  }
}

/** The parameters of the address of that page: `?state=dead&mail=…`; empty if there are none. */
export function outboxSearch(query: OutboxQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}

/** The address of that page, relative to the outbox. */
export function outboxUrl(query: OutboxQuery): string {
  return `./${outboxSearch(query)}`
}

/** The query with another entry, or none, and nothing else of this one. */
export function withEntry({ state, before }: OutboxQuery, mail?: string): OutboxQuery {
  return { state, before, mail }
}
