import type { FoundSource } from './content-source.ts'
import { dataUrlSource } from './data-url-source.ts'
import { MailError } from '../failure/mail-error.ts'
import { fileSource } from './file-source.ts'

/** Two letters at least: one is a drive of Windows. */
const SCHEME = /^([a-z][a-z\d+.-]+):/i
const FETCHED =
  'Fetch it yourself, and check the status, so that no error page is sent: `content: async () => { const response = await fetch(url); if (!response.ok) throw new Error(`HTTP ${response.status}`); return response.body }`. Set `filename`, too.'

/**
 * The content that `path` names: a file, by its path or its `file:` URL, or the content of a `data:` URL.
 *
 * @throws MailError `compose/invalid-message` for other URLs: nothing is fetched. It never repeats the URL, which may contain
 * a token
 */
export function pathSource(input: unknown, field: string): FoundSource {
  const isUrl = typeof input === 'object' && input !== null && typeof (input as URL).href === 'string'
  const path = isUrl ? (input as URL).href : input
  if (typeof path !== 'string') throw invalid(`${field} must be a string or a URL`)
  if (path === '') throw invalid(`${field} is empty`)
  const scheme = SCHEME.exec(path)?.[1]!.toLowerCase()
  if (scheme === 'data') return dataUrlSource(path, field)
  if (scheme === 'file' && (isUrl || /^file:\//i.test(path))) return fileSource(pathOf(path, field))
  if (scheme !== undefined && (isUrl || path.startsWith('://', scheme.length)))
    throw invalid(
      `${field} is a URL with ${scheme}:, and only files are read`,
      /^(?:https?|blob)$/.test(scheme) ? FETCHED : 'Read it yourself, and pass the content as `content`.',
    )
  return fileSource(path)
}

function pathOf(url: string, field: string): string {
  try {
    return process.getBuiltinModule('node:url').fileURLToPath(url)
  } catch {
    throw invalid(`${field} is a file: URL that names no file of this machine`)
  }
}

function invalid(summary: string, hint?: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}
