import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Wire } from '../../session/wire.ts'
import type { HttpAction, HttpActionFunction } from '../script/http-action.ts'
import { perform, performAtHead } from '../script/perform.ts'
import type { ScriptQueue } from '../script/script-queue.ts'
import { checkAction } from '../script/check-action.ts'
import type { HttpConnectionLog } from './http-connection.ts'
import { RequestLog } from './http-request.ts'
import { BadRequest, readBody, readHead, requestBegins } from './request-reader.ts'

/** What a connection needs from its server. */
export interface HttpHome {
  readonly script: ScriptQueue
  /** Does the server's side of a TLS handshake; undefined without TLS. */
  readonly secure: ((socket: Socket) => Promise<TLSSocket>) | undefined
  readonly nextRequestId: () => number
  /** Called with each request when its head has arrived. */
  readonly began: (request: RequestLog) => void
  /** Called with each request that came whole. */
  readonly arrived: (request: RequestLog) => void
}

/** Reads requests from a connection and does with each what the script says, until one of the two sides ends it. */
export async function serveConnection(home: HttpHome, wire: Wire, log: HttpConnectionLog): Promise<void> {
  const atConnect = home.script.takeAtConnect()
  if (atConnect) return perform(atConnect, wire)
  if (home.secure) {
    const socket = await wire.upgrade(home.secure)
    if (!socket) return
    log.tlsVersion = socket.getProtocol() ?? 'unknown'
    if (typeof socket.servername === 'string') log.serverName = socket.servername
  }
  try {
    while (!wire.over) await serveRequest(home, wire, log)
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    log.fail(error)
    await perform({ status: 400, headers: { Connection: 'close' }, body: error.message }, wire)
  }
}

async function serveRequest(home: HttpHome, wire: Wire, log: HttpConnectionLog): Promise<void> {
  if (!(await requestBegins(wire))) return wire.end()
  const atConnect = log.requests > 0 ? home.script.takeAtConnect() : undefined
  if (atConnect) return perform(atConnect, wire)
  const beganAt = new Date()
  const head = await readHead(wire)
  if (!head) return wire.end()
  const request = new RequestLog(home.nextRequestId(), log.id, home.secure !== undefined, beganAt, head)
  log.requests++
  home.began(request)
  const step = home.script.take()
  if (typeof step !== 'function' && (await performAtHead(step, wire, request))) return
  if (head.headers['expect']?.toLowerCase() === '100-continue') {
    wire.send(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))
  }
  const most =
    typeof step === 'object' && 'close' in step && typeof step.after === 'number' ? step.after : Infinity
  request.complete = await readBody(wire, head.headers, (octets) => request.add(octets), most)
  if (!request.complete && most === Infinity) return wire.end()
  if (request.complete) home.arrived(request)
  if (request.answered === undefined) await perform(await decide(step, request), wire, request)
}

async function decide(step: HttpAction | HttpActionFunction, request: RequestLog): Promise<HttpAction> {
  if (typeof step !== 'function') return step
  const action = await step(request)
  checkAction(action)
  return action
}
