import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import {
  unsubscribeHandler,
  UnsubscribeLinks,
  type OnUnsubscribe,
  type UnsubscribeOptions,
  type UnsubscribeReport,
  type Unsubscribing,
} from '../../src/unsubscribe/index.ts'

export const SECRET = 'a secret of the tests, which has enough characters'
export const links = new UnsubscribeLinks({ url: 'https://example.com/unsubscribe', secret: SECRET })

const servers = new Set<Server>()
afterEach(async () => {
  await Promise.all([...servers].map((server) => stop(server)))
  servers.clear()
})

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Starts a server on loopback, which the test's end stops. @returns its address, without a slash at the end */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface UnsubscribeServer {
  readonly url: string
  readonly told: Unsubscribing[]
  readonly reports: UnsubscribeReport[]
  /** The address of a link at this server. */
  readonly at: (address?: string, list?: string) => string
}

export async function unsubscribeServer(
  onUnsubscribe: OnUnsubscribe = () => {},
  options: UnsubscribeOptions = {},
): Promise<UnsubscribeServer> {
  const told: Unsubscribing[] = []
  const reports: UnsubscribeReport[] = []
  const note: OnUnsubscribe = (each) => {
    told.push(each)
    return onUnsubscribe(each)
  }
  const onProblem = (report: UnsubscribeReport): void => void reports.push(report)
  const url = await listen(unsubscribeHandler(links, note, { onProblem, ...options }))
  const at = (address?: string, list?: string): string => url + pathOf(address, list)
  return { url, told, reports, at }
}

/** The path and the query of a link. */
export function pathOf(address = 'ann@rcpt.example', list = 'newsletter'): string {
  const { pathname, search } = new URL(links.link({ address, list }).url)
  return pathname + search
}

export const FORM = 'application/x-www-form-urlencoded'
export const ONE_CLICK = 'List-Unsubscribe=One-Click'

/** What a mail program sends. */
export function oneClick(url: string, type = FORM, body: string | Buffer = ONE_CLICK): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: body as string,
    redirect: 'manual',
  })
}
