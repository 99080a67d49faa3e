import type { Message } from '@loudmail/core'
import { playProvider, startHttpServer, type HttpRequest } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { microsoftGraph } from '../src/microsoft-graph/index.ts'
import { NAMES, SECRET, TRANSPORTS } from './every-provider.ts'
import { failureOf, messageTo } from './suites.ts'

const URL_WITH_TOKEN = `https://example.com/unsubscribe?token=${'aB3-_'.repeat(150)}`
const LINKS = `<${URL_WITH_TOKEN}>, <mailto:leave@example.com>`
const ONE_CLICK = 'List-Unsubscribe=One-Click'

function message(more = {}): Message {
  const address = 'ann@rcpt.example'
  const listUnsubscribe = { url: URL_WITH_TOKEN, mailto: 'leave@example.com', address }
  return messageTo({ to: address, listUnsubscribe, ...more })
}

/** Every text of a request: its body, and what is in it in JSON or in base64. */
function textsOf({ body }: HttpRequest): string[] {
  const text = body.toString()
  const decoded = (each: string): string => Buffer.from(each, 'base64').toString()
  return [text, decoded(text), ...[...text.matchAll(/"([\w+/=-]{100,})"/g)].map(([, each]) => decoded(each!))]
}

/** The two fields as a provider gets them: as a pair of JSON, or as lines of a message. */
function fieldsOf(request: HttpRequest): (string | undefined)[] {
  const texts = textsOf(request).map((text) => text.replaceAll(/\r\n[ \t]/g, ' '))
  return ['List-Unsubscribe', 'List-Unsubscribe-Post'].map((name) => {
    const pair = new RegExp(`(?:^${name}: |"${name}":"|"${name}","Value":")([^"\r\n]*)`, 'm')
    return texts.flatMap((text) => pair.exec(text)?.[1] ?? []).at(0)
  })
}

it.each(NAMES)('%s gets both fields of one-click unsubscribing, and the URL in one piece', async (name) => {
  await using server = await startHttpServer(playProvider(name))
  await TRANSPORTS[name](server.url).send(message())
  expect(server.requests).toHaveLength(1)
  expect(fieldsOf(server.requests[0]!)).toEqual([LINKS, ONE_CLICK])
})

it('Microsoft Graph cannot take it unless the message is kept in Sent Items, and nothing is sent', async () => {
  await using server = await startHttpServer(playProvider('microsoftGraph'))
  const transport = microsoftGraph({ accessToken: SECRET, url: server.url, saveToSentItems: false })
  expect(await failureOf(transport, message())).toMatchObject({
    code: 'compose/invalid-message',
    summary: expect.stringContaining('List-Unsubscribe'),
    hint: expect.stringContaining('saveToSentItems: true'),
  })
  expect(server.requests).toEqual([])
})
