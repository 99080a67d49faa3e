import type { MxRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { UsageError } from '../../usage-error.ts'
import { NoAnswer } from './no-answer.ts'

/** What a look-up of each type gives. A TXT record comes as its strings. */
interface Records {
  A: string
  AAAA: string
  CNAME: string
  MX: MxRecord
  TXT: string[]
  PTR: string
}

export type RecordType = keyof Records

export interface NameServersOptions {
  /** The servers to ask, as `192.0.2.53` or `192.0.2.53:5353`. @default those of the machine */
  readonly servers?: readonly string[] | undefined
  /** How long a question may wait for its answer, in ms. @default 6000 */
  readonly timeoutMs?: number | undefined
  readonly signal: AbortSignal
}

/** Asks name servers. Every question ends in bounded time. */
export class NameServers {
  readonly #resolver: Resolver
  readonly #timeoutMs: number
  readonly #signal: AbortSignal
  readonly #cancel = (): void => this.#resolver.cancel()

  constructor({ servers, timeoutMs = 6_000, signal }: NameServersOptions) {
    // The second attempt waits twice as long as the first.
    this.#resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 3), tries: 2 })
    this.#timeoutMs = timeoutMs
    this.#signal = signal
    signal.throwIfAborted()
    if (servers?.length) setServers(this.#resolver, servers)
    signal.addEventListener('abort', this.#cancel)
  }

  /** Whether a name exists, with records of any type. */
  async exists(name: string): Promise<boolean> {
    try {
      await this.resolve(name, 'SOA')
    } catch (error) {
      if (!isAbsent(error)) throw error
      return error.code !== 'ENOTFOUND'
    }
    return true
  }

  /** The records of a name, none if there are none. Throws NoAnswer. */
  async records<T extends RecordType>(name: string, type: T): Promise<Records[T][]> {
    try {
      return (await this.resolve(name, type)) as Records[T][]
    } catch (error) {
      if (isAbsent(error)) return []
      throw error
    }
  }

  /** The TXT records of a name, each as one text. */
  async texts(name: string): Promise<string[]> {
    return (await this.records(name, 'TXT')).map((strings) => strings.join(''))
  }

  /** The names of an address. */
  async namesOf(ip: string): Promise<string[]> {
    try {
      return await this.#bounded(ip, 'PTR', this.#resolver.reverse(ip))
    } catch (error) {
      if (isAbsent(error)) return []
      throw error
    }
  }

  /** As `resolve` of `node:dns/promises`, but NoAnswer for a failure. ENOTFOUND and ENODATA are thrown as they are. */
  resolve(name: string, type: string): Promise<unknown> {
    return this.#bounded(name, type, this.#resolver.resolve(name, type))
  }

  /** Gives up on what is still being asked. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#cancel)
    this.#resolver.cancel()
  }

  /** The resolver asks every server in turn, so its own time grows with their number. */
  async #bounded<T>(name: string, type: string, answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new NoAnswer(name, type, 'ETIMEOUT')), this.#timeoutMs)
    })
    try {
      return await Promise.race([answer, silence])
    } catch (error) {
      this.#signal.throwIfAborted()
      if (error instanceof NoAnswer || isAbsent(error)) throw error
      throw new NoAnswer(name, type, (error as NodeJS.ErrnoException).code ?? String(error))
    } finally {
      clearTimeout(timer)
    }
  }
}

/** EBADNAME: no name server can have such a name. */
function isAbsent(error: unknown): error is NodeJS.ErrnoException {
  return ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function setServers(resolver: Resolver, servers: readonly string[]): void {
  try {
    resolver.setServers(servers)
  } catch {
    throw new UsageError(
      `a name server is given as an IP address, such as 1.1.1.1, not as ${servers.join(', ')}`,
    )
  }
}
