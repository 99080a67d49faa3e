export type { OutboxStore } from './store/store.ts'
