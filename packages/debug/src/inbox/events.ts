import type { IncomingMessage, ServerResponse } from 'node:http'

/** Changes within this time are reported as one. */
const SETTLE_MS = 50
/** How often the stream checks whether the server still listens, in ms. */
const PULSE_MS = 1_000
const PULSES_TO_PING = 15

/** Calls back after every change; `added` is what is new. Returns what ends that. */
export type Subscribe = (tell: (added?: string) => void) => () => void

/**
 * Tells a page of changes by server-sent events, until the page is closed or the server stops listening: an open stream
 * must not keep a program from ending.
 */
export function streamEvents(
  subscribe: Subscribe,
  request: IncomingMessage,
  response: ServerResponse,
): undefined {
  let settling: NodeJS.Timeout | undefined
  let added = ''
  let pulses = 0
  const stop = subscribe((subject = added) => {
    added = subject
    settling ??= setTimeout(() => {
      settling = undefined
      response.write(`data: ${JSON.stringify({ added })}\n\n`)
      added = ''
    }, SETTLE_MS).unref()
  })
  const end = (): void => {
    stop()
    clearInterval(pulse)
    clearTimeout(settling)
    response.end()
  }
  const { server } = request.socket as { server?: { readonly listening: boolean } }
  const pulse = setInterval(() => {
    if (server?.listening === false) end()
    else if (++pulses % PULSES_TO_PING === 0) response.write(': still here\n\n')
  }, PULSE_MS).unref()
  response.once('close', end)
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    // An idle connection would delay the end of the server by seconds.
    ...(request.httpVersionMajor === 1 && { connection: 'close' }),
  })
  response.write('retry: 1000\n\n')
}
