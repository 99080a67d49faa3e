import type { OutboxStore } from './store.ts'

/** A store has this long to close, in ms. */
const CLOSE_MS = 10_000

/** Closes a store. One that does not answer must not keep a program from ending: then a warning says so. */
export async function closeStore(store: OutboxStore): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, CLOSE_MS, 'late')))
  try {
    if ((await Promise.race([store.close(), late])) !== 'late') return
  } finally {
    clearTimeout(timer)
  }
  process.emitWarning(
    `${store.name} did not close in ${CLOSE_MS / 1_000} s: something that it was asked for has no end, or it cannot be reached`,
    'LoudmailWarning',
  )
}
