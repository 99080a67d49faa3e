import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { outboxPage, type InboxHandler, type ShownOutbox } from '@loudmail/debug'

/** The page of the outbox, for whoever knows a password. The browser asks for it. */
export function officePage(outbox: ShownOutbox, password: string): InboxHandler {
  const expected = digest(password)
  const authorize = ({ headers: { authorization = '' } }: IncomingMessage): boolean => {
    const credentials = /^Basic (\S+)$/i.exec(authorization)?.[1] ?? ''
    // Any user name will do.
    const given = Buffer.from(credentials, 'base64')
      .toString()
      .replace(/^[^:]*:/, '')
    return timingSafeEqual(digest(given), expected)
  }
  // Under every name, and behind a proxy: nobody gets in without the password.
  const page = outboxPage(outbox, { hosts: '*', authorize })
  return function officePageHandler(request, response, next) {
    if (authorize(request)) return page(request, response, next)
    response.writeHead(401, {
      'www-authenticate': 'Basic realm="The office of the tea shop", charset="UTF-8"',
    })
    response.end('The page of the outbox needs a password.')
  }
}

/** Digests have the same length, and comparing them tells nothing about the password. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
