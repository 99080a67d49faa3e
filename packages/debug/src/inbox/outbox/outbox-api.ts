import { jsonAnswer, type Answer } from '../answer.ts'
import { problemAnswer } from '../api/problem-answer.ts'
import type { Place } from '../place.ts'
import { ACTIONS, isAction, isStateError } from './entry-action.ts'
import { entryJson, entrySummaryJson } from './entry-json.ts'
import { isState, STATE_NAMES } from './entry-state.ts'
import { readEntries } from './read-entries.ts'
import type { ShownOutbox } from './shown-outbox.ts'

const NOTHING = 'There is nothing here. The API begins at api/counts and api/entries.'
const MOST = 1_000

/** Answers a request to the JSON API of an outbox. */
export async function outboxApiAnswer(
  outbox: ShownOutbox,
  method: string,
  { pathname, parameters, base }: Place,
): Promise<Answer> {
  const [, what, id, action] =
    /^\/api\/(counts|entries(?:\/([\w-]{1,100})(?:\/(retry|discard|resolve))?)?)\/?$/.exec(pathname) ?? []
  if (what === undefined) return problemAnswer(404, NOTHING)
  const methods = action === undefined ? ['GET', 'HEAD'] : ['POST']
  if (!methods.includes(method)) {
    const allow = methods.join(', ')
    return problemAnswer(405, `Only ${allow} can be used here.`, { allow })
  }
  if (what === 'counts') return jsonAnswer(await outbox.counts())
  if (id === undefined) return list(outbox, parameters, base)
  if (action !== undefined) {
    const wanted = action === 'resolve' ? parameters.get('outcome') : action
    if (!isAction(wanted) || (action === 'resolve' && (wanted === 'retry' || wanted === 'discard')))
      return problemAnswer(400, 'outcome must be delivered or not-delivered.')
    try {
      await ACTIONS[wanted].act(outbox, id)
    } catch (error) {
      if (!isStateError(error)) throw error
      if (error.state === undefined) return problemAnswer(404, 'There is no such entry.')
      return problemAnswer(409, `Nothing was changed: the entry is ${error.state}.`)
    }
  }
  const entry = await outbox.get(id)
  return entry ? jsonAnswer(entryJson(entry, base)) : problemAnswer(404, 'There is no such entry.')
}

async function list(outbox: ShownOutbox, parameters: URLSearchParams, base: string): Promise<Answer> {
  const names = ['state', 'before', 'limit']
  const stranger = [...parameters.keys()].find((name) => !names.includes(name))
  if (stranger !== undefined)
    return problemAnswer(400, `There is no parameter ${JSON.stringify(stranger)}, only ${names.join(', ')}.`)
  const state = parameters.get('state') ?? undefined
  const before = parameters.get('before') ?? undefined
  const limit = parameters.get('limit') ?? '100'
  if (state !== undefined && !isState(state))
    return problemAnswer(400, `state must be one of ${STATE_NAMES.join(', ')}.`)
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MOST)
    return problemAnswer(400, `limit must be a whole number from 1 to ${MOST}.`)
  if (before !== undefined && !/^[\w-]{1,100}$/.test(before))
    return problemAnswer(400, 'before must be the id of an entry.')
  const { entries, hasMore } = await readEntries(outbox, state, before, Number(limit))
  const next = new URLSearchParams({
    ...(state && { state }),
    limit,
    before: entries.at(-1)?.id ?? '',
  })
  return jsonAnswer({
    entries: entries.map((entry) => entrySummaryJson(entry, base)),
    nextUrl: hasMore ? `${base}api/entries?${next.toString()}` : undefined,
  })
}
