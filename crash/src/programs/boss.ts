import { flushCompileCache } from 'node:module'

/** What the process that started this one gave it, as JSON. */
export const given: unknown = JSON.parse(process.argv[2]!)

/** Hears what the process that started this one says. This one ends with it. */
export function hear(listener: (told: never) => void): void {
  process.on('message', listener as (told: unknown) => void)
  process.on('disconnect', die)
}

/** Says that it is at work. */
export function ready(what: object = {}): void {
  // Those that are killed would not keep what was compiled.
  flushCompileCache()
  tell({ ready: true, ...what })
}

export function tell(what: object): void {
  process.send!(what)
}

/** Ends this process, once it has nothing more to do. */
export function leave(): void {
  process.off('disconnect', die)
  process.disconnect()
}

function die(): never {
  process.exit(1)
}
