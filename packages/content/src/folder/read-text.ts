import { readFileSync } from 'node:fs'

/** The text of a file in UTF-8. */
export function readText(path: string): string {
  return withoutMark(readFileSync(path, 'utf8'))
}

/** Some editors put a byte order mark in front of a text. In a mail it would be a character, and each column one too far. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
