import type { IncomingMessage } from 'node:http'
import type { MailList, MailStore } from '../../stores/mail-store.ts'
import type { ApiQuery } from './api-query.ts'

/** How often it checks whether the server still listens, in ms. */
const PULSE_MS = 250

/**
 * The mails that match. If there are none, it waits until one arrives, the time is over, the other side hangs up, or the
 * server stops listening: a request that waits must not keep a program from ending.
 */
export async function findInTime(
  store: MailStore,
  { waitMs, ...query }: ApiQuery,
  { socket }: IncomingMessage,
): Promise<MailList> {
  if (waitMs === 0) return store.list(query)
  let wake: (() => void) | undefined
  let isNew = false
  let isOver = false
  const look = (): void => {
    isNew = true
    wake?.()
  }
  const end = (): void => {
    isOver = true
    wake?.()
  }
  // It listens before it looks, so that no mail comes in between.
  const stop = store.subscribe(({ type }) => type === 'added' && look())
  const timer = setTimeout(end, waitMs)
  const pulse = setInterval(() => isListening(socket) || end(), PULSE_MS)
  socket.once('close', end)
  try {
    for (;;) {
      isNew = false
      const list = await store.list(query)
      if (list.mails.length > 0 || isOver) return list
      // oxlint-disable-next-line no-unmodified-loop-condition, typescript/no-unnecessary-condition
      if (!isNew) await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    stop()
    clearTimeout(timer)
    clearInterval(pulse)
    socket.off('close', end)
  }
}

function isListening(socket: unknown): boolean {
  const { server } = socket as { server?: { readonly listening: boolean } }
  return server?.listening !== false
}
