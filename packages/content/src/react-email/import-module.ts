import { stat } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TemplateProblem } from '../template-problem.ts'

/** The files that were imported before: their URLs give what they were then, also if that failed. */
const imported = new Set<string>()

/** The exports of a file as it is now. @throws TemplateProblem, or what the file throws */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file)
  if (imported.has(file)) url.searchParams.set('changed', String((await stat(file)).mtimeMs))
  imported.add(file)
  try {
    return (await import(url.href)) as Record<string, unknown>
  } catch (cause) {
    throw problemOf(cause, file) ?? cause
  }
}

const PLACE = /((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^\n]*?)(?:\?[^\s:]*)?:(\d+)(?::(\d+))?/

/** What cannot be read has no line of code that failed. Node and loaders tell the place before the calls of the stack. */
function problemOf(cause: unknown, file: string): TemplateProblem | undefined {
  if (!(cause instanceof Error)) return undefined
  const [head = ''] = cause.stack?.split(/\n\s+at /) ?? []
  const [, where, line, column] = PLACE.exec(head) ?? []
  if (where === undefined)
    return cause instanceof SyntaxError ? new TemplateProblem(cause.message, { file, cause }) : undefined
  return new TemplateProblem(cause.message, {
    file: where.startsWith('file:') ? fileURLToPath(where) : where,
    line: Number(line),
    column: column === undefined ? undefined : Number(column),
    cause,
  })
}
