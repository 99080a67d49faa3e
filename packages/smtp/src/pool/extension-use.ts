import { isPositive, type Capabilities, type Extension, type Loss } from '@loudmail/core/transport'
import type { Transaction } from '../conversation/transaction.ts'
import type { Trust } from './trust.ts'

/** The extensions that one connection uses, and what has worked on it. */
export class ExtensionUse {
  readonly #offered: Readonly<Record<Extension, boolean>>
  readonly #worked: Record<Extension, boolean> = { PIPELINING: false, CHUNKING: false }
  readonly #trust: Trust

  constructor(capabilities: Capabilities, trust: Trust) {
    this.#offered = { PIPELINING: capabilities.has('PIPELINING'), CHUNKING: capabilities.has('CHUNKING') }
    this.#trust = trust
  }

  uses(extension: Extension): boolean {
    return this.#offered[extension] && this.#trust.uses(extension)
  }

  /** Whether the server has taken a chunk on this connection. */
  get hasTakenChunk(): boolean {
    return this.#worked.CHUNKING
  }

  /** A transaction got all its replies. */
  concluded({ mode, exchange }: Transaction): void {
    if (mode.pipelining && !this.#worked.PIPELINING) this.#proved('PIPELINING')
    if (!this.#worked.CHUNKING && !exchange.asksData && exchange.final.some(isPositive))
      this.#proved('CHUNKING')
  }

  /** The extension that the transport no longer uses, because a message failed where it was used. */
  blame(transaction: Transaction, loss: Loss | undefined): Extension | undefined {
    const sign = transaction.suspicion(loss)
    if (!sign || !this.#trust.isReason(sign, this.#worked[sign.extension])) return undefined
    this.#trust.distrust(sign.extension)
    return sign.extension
  }

  /** The server refuses commands because they came together; the rest of them need no answer. */
  refusesTogether(transaction: Transaction): boolean {
    const sign = transaction.suspicion(undefined)
    return sign?.extension === 'PIPELINING' && this.#trust.isReason(sign, this.#worked.PIPELINING)
  }

  /** A message failed that had moved because of an extension. If it failed in the same way, that was not the cause. */
  failedWithout(extension: Extension, transaction: Transaction, loss: Loss | undefined): void {
    const sign = transaction.suspicion(loss, true)
    if (extension === 'PIPELINING' && sign?.extension === extension && sign.by !== 'words')
      this.#trust.clear(extension)
  }

  #proved(extension: Extension): void {
    this.#worked[extension] = true
    this.#trust.proved(extension)
  }
}
