import { callSafely } from '@loudmail/core/transport'
import type { MailStore } from './stores/mail-store.ts'

/** Where nobody expects that mail arrives. */
const MODES: readonly unknown[] = ['development', 'test']

/** The stores of transports that were announced. */
const announced = new WeakSet<MailStore>()
/** The address of the inbox that shows a store. */
const addresses = new WeakMap<MailStore, string>()
let isSaid = false

/** Says once on standard error that mail is captured, unless `NODE_ENV` says that this is expected. */
export function announceCapture(store: MailStore): void {
  if (MODES.includes(process.env.NODE_ENV)) return
  if (!isSaid)
    say(
      'debug() captures mail and sends none. To send it, use a real transport, such as smtp(url). Set NODE_ENV=development to silence this line.',
    )
  isSaid = true
  announced.add(store)
  const address = addresses.get(store)
  if (address !== undefined) say(`the inbox is at ${address}`)
}

/** Whether the address of the inbox of this store is known. */
export function isInboxKnown(store: MailStore): boolean {
  return addresses.has(store)
}

/** Says where the inbox is, if the store belongs to a transport that was announced. */
export function announceInbox(store: MailStore, address: string): void {
  if (addresses.has(store)) return
  addresses.set(store, address)
  if (announced.has(store)) say(`the inbox is at ${address}`)
}

function say(line: string): void {
  void callSafely('process.stderr.write()', () => process.stderr.write(`loudmail: ${line}\n`))
}
