import { pathToFileURL } from 'node:url'

/** Where in a file an error was thrown, or where the file is not valid, as ` (line 3)`; empty if its stack does not tell. */
export function placeIn(error: unknown, file: string): string {
  const stack = error instanceof Error ? String(error.stack) : ''
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`)
    const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + name.length + 1))?.[0]
    if (line !== undefined) return ` (line ${line})`
  }
  return ''
}
