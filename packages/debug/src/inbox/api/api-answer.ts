import type { IncomingMessage } from 'node:http'
import type { MailStore } from '../../stores/mail-store.ts'
import { answer, jsonAnswer, type Answer } from '../answer.ts'
import { attachmentAnswer, sourceAnswer, whyNoMail } from '../mail-answers.ts'
import type { Place } from '../place.ts'
import { apiQuery, type ApiQuery } from './api-query.ts'
import { findInTime } from './find-in-time.ts'
import { listJson, mailJson } from './mail-json.ts'
import { problemAnswer } from './problem-answer.ts'

const NOTHING = 'There is nothing here. The API begins at api/mails.'

/** Answers a request to the JSON API of the inbox. */
export async function apiAnswer(
  store: MailStore,
  request: IncomingMessage,
  { pathname, parameters, base }: Place,
): Promise<Answer> {
  const [, id, part, number] =
    /^\/api\/mails(?:\/([\w-]+)(?:\/(source|attachments\/(\d{1,6})))?)?\/?$/.exec(pathname) ?? []
  if (id === undefined && !/^\/api\/mails\/?$/.test(pathname)) return problemAnswer(404, NOTHING)
  const canDelete = part === undefined && id !== 'latest'
  const { method = '' } = request
  if (method === 'DELETE' && canDelete) return id === undefined ? clear(store) : remove(store, id)
  if (method !== 'GET' && method !== 'HEAD') {
    const allow = canDelete ? 'GET, HEAD, DELETE' : 'GET, HEAD'
    return problemAnswer(405, `Only ${allow} can be used here.`, { allow })
  }
  if (id !== undefined && id !== 'latest') return one(store, id, part, number, base)
  let query: ApiQuery
  try {
    query = apiQuery(parameters)
  } catch (error) {
    return problemAnswer(400, (error as Error).message)
  }
  if (id === undefined) return jsonAnswer(listJson(await findInTime(store, query, request), base))
  const { mails } = await findInTime(store, { ...query, limit: 1 }, request)
  const latest = mails[0] && (await store.get(mails[0].id))
  if (latest) return jsonAnswer(await mailJson(latest, base))
  const waited = query.waitMs > 0 ? `, and none came within ${query.waitMs} ms` : ''
  return problemAnswer(404, `No mail matches${waited}.`)
}

async function one(
  store: MailStore,
  id: string,
  part: string | undefined,
  number: string | undefined,
  base: string,
): Promise<Answer> {
  const mail = await store.get(id)
  if (!mail) return problemAnswer(404, whyNoMail(await store.list({ limit: 0 }), id))
  if (part === undefined) return jsonAnswer(await mailJson(mail, base))
  const found = await (part === 'source' ? sourceAnswer(mail) : attachmentAnswer(mail, Number(number)))
  return found.status === 200 ? found : problemAnswer(found.status, String(found.body).trim())
}

async function remove(store: MailStore, id: string): Promise<Answer> {
  const isThere = (await store.get(id)) !== undefined
  const { unreadable = [] } = isThere ? {} : await store.list({ limit: 0 })
  if (!isThere && !unreadable.some((each) => each.id === id))
    return problemAnswer(404, 'There is no such mail.')
  await store.delete(id)
  return nothing()
}

async function clear(store: MailStore): Promise<Answer> {
  await store.clear()
  return nothing()
}

function nothing(): Answer {
  return answer(204, 'application/json', '')
}
