import { checkNumber, checkOptions } from '@loudmail/core/transport'

/**
 * Remembers what was handled, so that nothing is told twice. Anything with these two methods can be one: Redis, a table.
 * Keys are at most 200 characters, values less. Keep them for two days or more. Each handler needs a store of its own, or a
 * prefix for its keys: what one was told, another may have to be told, too.
 */
export interface SeenStore {
  /** What was last set for the key; undefined or null if there is nothing. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  /** Resolves when it will not be forgotten. */
  set(key: string, value: string): void | Promise<void>
}

/** The options of {@link memorySeen}. */
export interface MemorySeenOptions {
  /** How many keys are remembered. The oldest are forgotten first. @default 100_000: about 15 MB */
  readonly most?: number | undefined
}

/**
 * Remembers in memory: for one process, until it ends.
 *
 * @throws MailError `config/invalid-config`
 */
export function memorySeen(options: MemorySeenOptions = {}): SeenStore {
  checkOptions(options, 'memorySeen()', { most: true })
  checkNumber(options.most, 'memorySeen() most', 1, true)
  const { most = 100_000 } = options
  const values = new Map<string, string>()
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.delete(key)
      values.set(key, value)
      for (const oldest of values.keys()) {
        if (values.size <= most) break
        values.delete(oldest)
      }
    },
  }
}
