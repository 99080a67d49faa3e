import { isIP, connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { diagnoseConnectionError } from '@loudmail/core/transport'
import type { Ending } from './attempt.ts'
import type { Conversation } from './conversation.ts'
import type { ConnectionPlan } from './smtp-options.ts'

/** Connects in another way, for example through a proxy; undefined for the usual way. */
export type OtherWay = (() => Promise<{ connection?: Socket; secured?: boolean } | undefined>) | undefined

/**
 * Opens a connection: name look-up, TCP or a proxy, and implicit TLS. The conversation records the progress. A
 * rejection adds nothing to it.
 */
export async function openSocket(
  plan: ConnectionPlan,
  conversation: Conversation,
  otherWay: OtherWay,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const started = performance.now()
  const other = await viaOther(otherWay, conversation)
  conversation.progress = isIP(plan.host) ? 'connect' : 'dns'
  const socket = other?.connection ?? (await tcp(plan, conversation, signal))
  conversation.event(
    `connected to ${socket.remoteAddress ?? plan.host} port ${socket.remotePort ?? plan.port}`,
  )
  if (other?.secured) conversation.isSecure = true
  if (plan.policy !== 'implicit' || other?.secured) return socket
  const left = Math.max(plan.connectionTimeoutMs - (performance.now() - started), 1)
  return secure(socket, plan, conversation, left, signal)
}

async function viaOther(otherWay: OtherWay, conversation: Conversation): ReturnType<NonNullable<OtherWay>> {
  try {
    return await otherWay?.()
  } catch (error) {
    const isTimeout = (error as { code?: unknown }).code === 'ETIMEDOUT'
    conversation.end(
      { kind: isTimeout ? 'timeout' : 'proxy', stage: 'connect', cause: error },
      isTimeout ? 'the proxy did not answer in time' : 'the proxy did not connect',
    )
    throw error
  }
}

function tcp(
  plan: ConnectionPlan,
  conversation: Conversation,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { host, port, localAddress } = plan
  const socket =
    plan.socket?.connect(port, host) ??
    connectTcp({ host, port, ...(localAddress !== undefined && { localAddress }) })
  socket.on('lookup', (error: Error | null) => {
    if (!error) conversation.progress = 'connect'
  })
  const inTime = setTimeout(
    () => {
      if (conversation.progress === 'dns')
        fail({ kind: 'dns-temporary' }, 'the name server did not answer in time')
    },
    Math.min(plan.dnsTimeoutMs, plan.connectionTimeoutMs),
  )
  const fail = (ending: Ending, text: string): void => {
    conversation.end({ stage: conversation.progress, ...ending }, text)
    socket.destroy(new Error(text))
  }
  return whenReady(socket, 'connect', plan.connectionTimeoutMs, conversation, signal).finally(() =>
    clearTimeout(inTime),
  )
}

/** Starts TLS on a connection, with a time-out. */
export async function secure(
  socket: Socket,
  plan: ConnectionPlan,
  conversation: Conversation,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  conversation.progress = 'tls'
  const secured = connectTls({ ...plan.tls, socket })
  await whenReady(secured, 'secureConnect', timeoutMs, conversation, signal)
  conversation.isSecure = true
  conversation.event(`TLS established (${secured.getProtocol()}, ${secured.getCipher().name})`)
  return secured
}

function whenReady<S extends Socket>(
  socket: S,
  event: string,
  timeoutMs: number,
  conversation: Conversation,
  signal: AbortSignal | undefined,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      conversation.end({ kind: 'timeout', stage: conversation.progress }, 'no answer in time')
      socket.destroy(new Error('no answer in time'))
    }, timeoutMs)
    const aborted = (): void => void socket.destroy(new Error('aborted'))
    const failed = (error: Error): void => {
      const stage = conversation.progress
      const diagnosis = diagnoseConnectionError(error)
      conversation.end(
        { stage, kind: 'connection-lost', ...diagnosis, cause: error },
        `failed: ${error.message}`,
      )
      done()
      reject(error)
    }
    const closed = (): void => failed(new Error('the connection ended'))
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      // The error handler stays until it is replaced.
      socket.off('close', closed)
    }
    socket.once(event, () => {
      done()
      setImmediate(() => socket.off('error', failed))
      resolve(socket)
    })
    socket.once('error', failed)
    socket.once('close', closed)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
  })
}
