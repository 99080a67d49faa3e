import type { Wire } from '../../session/wire.ts'
import type { RequestLog } from '../connection/http-request.ts'
import { answerOctets } from './answer-octets.ts'
import type { HttpAction, HttpAnswer, HttpEnding } from './http-action.ts'

/**
 * Does what an action says to do when only the head of the request has come. Returns true if the connection is over, and
 * false if the body is to be read.
 */
export async function performAtHead(action: HttpAction, wire: Wire, request: RequestLog): Promise<boolean> {
  if ('stall' in action && action.stall === 'request') await leave(wire, 'stall', true)
  else if ('close' in action && action.after === 'head') await leave(wire, action.close)
  else if ('early' in action) {
    await answer(action.early, wire, request)
    if (action.then === undefined || action.then === 'read') return wire.over
    await leave(wire, action.then, true)
  } else return false
  return true
}

/** Does what an action says, and leaves the connection open only after a complete answer. */
export async function perform(action: HttpAction, wire: Wire, request?: RequestLog): Promise<void> {
  if ('cutAt' in action) {
    await answer(action.answer, wire, request, action.cutAt)
    await leave(wire, action.then ?? 'fin')
  } else if ('raw' in action) {
    wire.send(Buffer.from(action.raw as Uint8Array))
    await leave(wire, action.then ?? 'fin')
  } else if ('stall' in action) await leave(wire, 'stall', action.stall === 'connect')
  else if ('close' in action) await leave(wire, action.close)
  else {
    const whole = 'early' in action ? action.early : action
    await answer(whole, wire, request)
    if (isClosing(whole.headers) || isClosing(request?.headers)) await leave(wire, 'fin')
  }
}

async function answer(
  { delayMs = 0, dripMs = 0, ...rest }: HttpAnswer,
  wire: Wire,
  request?: RequestLog,
  cutAt?: number,
): Promise<void> {
  if (request) request.answered = rest.status
  if (delayMs > 0 && !(await wire.sleep(delayMs))) return
  await wire.flush()
  wire.send(Buffer.from(answerOctets(rest)).subarray(0, cutAt))
  await wire.flush(dripMs)
}

/** Ends the connection, or says nothing more until the client ends it; `hold` stops reading, too. */
async function leave(wire: Wire, ending: HttpEnding, hold = false): Promise<void> {
  if (ending === 'fin') return wire.end()
  if (ending === 'reset') return wire.reset()
  if (hold) {
    await wire.flush()
    wire.hold()
    return wire.closed
  }
  while (await wire.more()) wire.incoming.takeBytes()
  return wire.end()
}

function isClosing(headers: HttpAnswer['headers'] = {}): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'connection' && String(value).toLowerCase() === 'close',
  )
}
