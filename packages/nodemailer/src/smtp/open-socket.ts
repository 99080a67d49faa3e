import { isIP, connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import { connectToAny, diagnoseConnectionError, tlsFailure } from '@loudmail/core/transport'
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
  const socket =
    other?.connection ??
    (await (plan.socket ? given(plan.socket, plan, conversation, signal) : dial(plan, conversation, signal)))
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

/** Connects to the first address of the host that answers. */
function dial(
  plan: ConnectionPlan,
  conversation: Conversation,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { host, port, localAddress, connectionTimeoutMs, dnsTimeoutMs } = plan
  const local = localAddress === undefined ? {} : { localAddress }
  let done = (): void => {}
  return new Promise<Socket>((resolve, reject) => {
    const fail = (ending: Ending, text: string): void => {
      attempts.stop()
      conversation.end({ stage: conversation.progress, ...ending }, text)
      reject(ending.cause instanceof Error ? ending.cause : new Error(text))
    }
    const onTimeout = (): void =>
      conversation.progress === 'dns'
        ? fail({ kind: 'dns-temporary' }, 'the name server did not answer in time')
        : fail({ kind: 'timeout', cause: attempts.cause }, 'no answer in time')
    const inTime = setTimeout(onTimeout, connectionTimeoutMs)
    const dnsInTime = setTimeout(
      () => conversation.progress === 'dns' && onTimeout(),
      Math.min(dnsTimeoutMs, connectionTimeoutMs),
    )
    const onAbort = (): void => {
      attempts.stop()
      reject(new Error('aborted'))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const open = (address: string): Socket => connectTcp({ host: address, port, ...local })
    const attempts = connectToAny({ host, localAddress }, open, {
      resolved: () => (conversation.progress = 'connect'),
      connected: resolve,
      // The look-up may fail before `attempts` is there.
      failed: (why) =>
        queueMicrotask(() => fail(why, `failed: ${why.summary ?? (why.cause as Error).message}`)),
    })
    done = () => {
      clearTimeout(inTime)
      clearTimeout(dnsInTime)
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted) onAbort()
  }).finally(() => done())
}

/** Connects a socket of the caller. */
function given(
  socket: Socket,
  { host, port, connectionTimeoutMs }: ConnectionPlan,
  conversation: Conversation,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  socket.on('lookup', (error: Error | null) => {
    if (!error) conversation.progress = 'connect'
  })
  return whenReady(socket.connect(port, host), 'connect', connectionTimeoutMs, conversation, signal)
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
  let certificate: PeerCertificate | undefined
  // Before Node checks the certificate: after a failed check it can no longer be read.
  secured.prependOnceListener('secure', () => (certificate = secured.getPeerCertificate()))
  const diagnose = (error: Error): Partial<Ending> => {
    // It ended or was ended, and TLS itself said nothing.
    if ((error as { code?: unknown }).code === undefined) return {}
    const seen = certificate ?? secured.getPeerCertificate()
    return tlsFailure(error, plan.tls.servername ?? plan.host, seen)
  }
  await whenReady(secured, 'secureConnect', timeoutMs, conversation, signal, diagnose)
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
  diagnose: (error: Error) => Partial<Ending> = () => ({}),
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
        { stage, kind: 'connection-lost', ...diagnosis, ...diagnose(error), cause: error },
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
