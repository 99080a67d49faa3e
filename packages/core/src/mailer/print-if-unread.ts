import type { SentOne } from './receipt.ts'

const unread = new Set<() => void>()
const forgotten = new FinalizationRegistry<() => void>((print) => {
  if (unread.delete(print)) print()
})

/** Prints a failure if nobody reads its receipt: when the receipt is garbage-collected, or when the process ends. */
export function printIfUnread({ index, receipt }: SentOne, print: () => void): SentOne {
  if (unread.size === 0) process.once('exit', printAll)
  unread.add(print)
  const one = {
    index,
    get receipt() {
      unread.delete(print)
      if (unread.size === 0) process.off('exit', printAll)
      return receipt
    },
  }
  forgotten.register(one, print)
  return one
}

function printAll(): void {
  for (const print of unread) print()
}
