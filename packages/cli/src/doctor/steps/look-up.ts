import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

/** What a look-up gave, and a function that gives the same again at once. */
export interface LookUp {
  readonly addresses: readonly string[]
  /** Why there is none. */
  readonly error: unknown
  /** No answer came in time. */
  readonly isSilent: boolean
  readonly durationMs: number
  readonly replay: LookupFunction
}

/** How to look up. */
export interface LookUpOptions {
  /** Only addresses of this family; 0 for both. */
  readonly family: number
  /** @default dns.lookup, which the application uses: it reads the hosts file and asks the resolver of the system */
  readonly lookup: LookupFunction | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Looks up a name as the application does. It never rejects. */
export async function lookUp(host: string, options: LookUpOptions): Promise<LookUp> {
  const begun = performance.now()
  const answer = await answerOf(host, options)
  const durationMs = performance.now() - begun
  if (!answer) {
    const replay: LookupFunction = () => {}
    return { addresses: [], error: undefined, isSilent: true, durationMs, replay }
  }
  const { error, result } = answer
  const addresses = [result ?? []]
    .flat()
    .map((each: unknown) => (typeof each === 'string' ? each : (each as { address?: unknown })?.address))
    .filter((each): each is string => typeof each === 'string' && isIP(each) !== 0)
    .filter((address) => options.family === 0 || isIP(address) === options.family)
  const replay: LookupFunction = (_host, _options, callback) => {
    callback(error as NodeJS.ErrnoException | null, result as string)
  }
  return { addresses: error ? [] : [...new Set(addresses)], error, isSilent: false, durationMs, replay }
}

interface Answer {
  readonly error: unknown
  readonly result: unknown
}

function answerOf(
  host: string,
  { family, lookup, timeoutMs, signal }: LookUpOptions,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const silent = (): void => settle(undefined)
    const timer = setTimeout(silent, timeoutMs)
    const settle = (answer: Answer | undefined): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', silent)
      resolve(answer)
    }
    signal.addEventListener('abort', silent)
    if (signal.aborted) return silent()
    try {
      const look = lookup ?? systemLookup
      look(host, { all: true, family, hints: 0 }, (error, result) => settle({ error, result }))
    } catch (error) {
      settle({ error: error ?? new Error('lookup() threw nothing'), result: undefined })
    }
  })
}
