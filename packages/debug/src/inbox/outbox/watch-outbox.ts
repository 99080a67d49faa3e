import type { ShownOutbox } from './shown-outbox.ts'

/** How often it looks whether the counts changed, in ms. */
const LOOK_MS = 1_000
/** If looking takes long, it takes no more than this part of the time. */
const SHARE = 0.05
/** An entry can change and leave the counts as they are: so often it looks, and tells the page anyway, in ms. */
const TELL_MS = 10_000

interface Watch {
  readonly listeners: Set<() => void>
  timer?: NodeJS.Timeout
}

const watches = new WeakMap<ShownOutbox, Watch>()

/** Calls back when entries have changed, or may have. All pages of an outbox share the looking. Returns what ends that. */
export function watchOutbox(outbox: ShownOutbox, listener: () => void): () => void {
  const watch = watches.get(outbox) ?? { listeners: new Set() }
  watches.set(outbox, watch)
  watch.listeners.add(listener)
  if (watch.listeners.size === 1) start(outbox, watch)
  return () => {
    watch.listeners.delete(listener)
    if (watch.listeners.size > 0) return
    clearTimeout(watch.timer)
    watches.delete(outbox)
  }
}

function start(outbox: ShownOutbox, watch: Watch): void {
  let known = ''
  let toldAt = 0
  const look = async (): Promise<void> => {
    const startedAt = performance.now()
    // A page that is told asks for the list, and shows that the outbox cannot be read.
    const found = await outbox.counts().then(signatureOf, () => undefined)
    const now = performance.now()
    if (watch.listeners.size === 0) return
    if (found !== known || now - toldAt >= TELL_MS) {
      known = found ?? ''
      toldAt = now
      for (const listener of watch.listeners) listener()
    }
    wait(Math.min(Math.max(LOOK_MS, (now - startedAt) / SHARE), TELL_MS))
  }
  const wait = (ms: number): void => {
    watch.timer = setTimeout(() => void look(), ms).unref()
  }
  wait(LOOK_MS)
}

function signatureOf({
  oldestWaitingMs: _age,
  ...counts
}: Awaited<ReturnType<ShownOutbox['counts']>>): string {
  return JSON.stringify(counts)
}
