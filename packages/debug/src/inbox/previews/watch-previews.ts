import type { ShownPreviews } from './shown-previews.ts'

interface Watch {
  readonly listeners: Set<() => void>
  stop?: () => void
}

const watches = new WeakMap<ShownPreviews, Watch>()

/** Calls back when a template has changed. All pages share one watcher; it ends with the last of them. Returns what ends that. */
export function watchPreviews(previews: ShownPreviews, listener: () => void): () => void {
  const watch = watches.get(previews) ?? { listeners: new Set() }
  if (watch.listeners.size === 0)
    watch.stop = previews.watch(() => {
      for (const listening of watch.listeners) listening()
    })
  watches.set(previews, watch)
  watch.listeners.add(listener)
  return () => {
    if (!watch.listeners.delete(listener) || watch.listeners.size > 0) return
    watches.delete(previews)
    watch.stop?.()
  }
}
