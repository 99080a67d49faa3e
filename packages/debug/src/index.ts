export { debug, schemes, type DebugOptions, type DebugTransport } from './debug.ts'
export { memoryStore, type MailStore, type StoredMail } from './mail-store.ts'
export { record, type RecordOptions } from './record.ts'
