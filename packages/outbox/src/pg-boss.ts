import type { OutboxStore } from './store/store.ts'

/** Not there yet. */
export function pgBoss(url: string): OutboxStore {
  throw new Error(url)
}
