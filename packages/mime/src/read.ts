export { splitMessage, type AttachedPart, type SplitMessage } from './read/split-message.ts'
export { findParts, type FoundPart } from './read/find-parts.ts'
export type { DecodeWords, FieldValue } from './read/parameters.ts'
