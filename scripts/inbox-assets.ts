// Writes packages/debug/src/inbox/assets.ts from packages/debug/assets: node scripts/inbox-assets.ts
// So the inbox needs no file beside its module, and works in a program that a bundler made.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'

const FOLDER = new URL('../packages/debug/assets/', import.meta.url)
const MODULE = new URL('../packages/debug/src/inbox/assets.ts', import.meta.url)
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The text of packages/debug/src/inbox/assets.ts. */
export function inboxAssets(): string {
  const entries = readdirSync(FOLDER)
    .toSorted()
    .map((name) => `  '${name}': {\n    type: '${typeOf(name)}',\n    text: ${literal(name)},\n  },\n`)
  return `// Made by scripts/inbox-assets.ts: change the files in packages/debug/assets, and run \`pnpm format\`.

/** What the pages of the inbox load, by name. */
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
${entries.join('')}}
`
}

function typeOf(name: string): string {
  const type = TYPES[extname(name)]
  if (type === undefined) throw new Error(`scripts/inbox-assets.ts does not know the type of ${name}`)
  return type
}

/** The text of a file, line by line: two changes of one file can be merged. */
function literal(name: string): string {
  const text = readFileSync(new URL(name, FOLDER), 'utf8')
  return `\`${text.replaceAll(/[\\`]|\$\{/g, (special) => `\\${special}`)}\``
}

if (import.meta.main) writeFileSync(MODULE, inboxAssets())
