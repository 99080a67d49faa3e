import { memory, type Transport } from '@loudmail/core'
import { outbox, type Outbox } from '@loudmail/outbox'
import type { Terminal } from '../terminal/terminal.ts'
import { openStore } from './open-store.ts'
import type { StoreOptions } from './outbox-options.ts'

/** Opens the outbox, and closes it when `use` has ended. Without a transport, nothing is sent. */
export async function withOutbox<Result>(
  options: StoreOptions,
  terminal: Terminal,
  use: (box: Outbox) => Promise<Result>,
  transport: Transport = memory(),
): Promise<Result> {
  // How long entries are kept, its owner has decided.
  const box = outbox(transport, {
    store: await openStore(options, terminal),
    keepSentMs: Infinity,
    keepDeadMs: Infinity,
  })
  try {
    return await use(box)
  } finally {
    await box.close?.()
  }
}
