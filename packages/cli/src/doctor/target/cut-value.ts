import type { EnvFile } from '../../environment/env-files.ts'

/**
 * The whole value of a variable that a file cuts at a `#`, because it is not in quotes. Undefined if the `#` begins a real
 * comment, or if there is none.
 */
export function cutValue({ text, values }: EnvFile, name: string): string | undefined {
  const value = values[name]
  const line = new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}[ \t]*=[ \t]*(.*)$`, 'gm')
  const raw = [...text.matchAll(line)].at(-1)?.[1]?.trim()
  if (value === undefined || raw === undefined || /^["'\x60]/.test(raw) || !raw.startsWith(value))
    return undefined
  const rest = raw.slice(value.length)
  if (!rest.trimStart().startsWith('#')) return undefined
  const isComment = /^\s/.test(rest) && !(isUrlBeforePassword(value) && rest.includes('@'))
  return isComment ? undefined : raw
}

function isUrlBeforePassword(value: string): boolean {
  return /^[a-z][a-z\d+]*:\/\//i.test(value) && !value.includes('@')
}
