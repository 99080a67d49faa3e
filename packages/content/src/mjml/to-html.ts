import { randomBytes } from 'node:crypto'
import mjml2html from 'mjml'
import { dirname } from 'node:path'
import type { TemplateSource } from '../engine.ts'
import { includedFiles } from './included-files.ts'
import { MarkupProblem } from './markup-problem.ts'
import type { MjmlSettings } from './mjml-settings.ts'

/** The HTML of markup. */
export interface MadeHtml {
  readonly html: string
  /** The files that it includes: the text of each by its absolute path. */
  readonly files: ReadonlyMap<string, string>
}

interface ValidationError {
  readonly line: number
  readonly message: string
  readonly tagName: string
  readonly formattedMessage: string
}

/**
 * What begins a block of a template engine: MJML leaves such blocks alone when it inlines CSS. After the engine has run, it
 * is text of a value, and a value must not stop the inlining of what follows.
 */
const BLOCK_STARTS = ['{{', '<%'].map((start) => ({
  start,
  standIn: `block${randomBytes(12).toString('hex')}`,
}))

/**
 * @param mayHaveBlocks the markup has blocks of an engine that runs later
 * @throws MarkupProblem
 */
export async function toHtml(
  markup: string,
  { file, folder = dirname(file) }: TemplateSource,
  settings: MjmlSettings,
  mayHaveBlocks: boolean,
): Promise<MadeHtml> {
  if (!/<mjml[\s>]/.test(markup) || !/<mj-body[\s>/]/.test(markup))
    throw new MarkupProblem('this is not MJML: it needs <mjml> with <mj-body> in it', {})
  const files = await includedFiles(markup, folder, dirname(file))
  try {
    const { html } = await mjml2html(mayHaveBlocks ? markup : hideBlocks(markup), {
      ...settings,
      validationLevel: 'strict',
      ignoreIncludes: files.size === 0,
      // Without includes, the file need not exist: the program may be bundled.
      filePath: files.size === 0 ? '' : file,
      actualPath: file,
      includePath: folder,
    })
    return { html: showBlocks(html), files }
  } catch (cause) {
    throw problemOf(cause, files)
  }
}

function hideBlocks(text: string): string {
  return BLOCK_STARTS.reduce((all, { start, standIn }) => all.replaceAll(start, standIn), text)
}

function showBlocks(text: string): string {
  return BLOCK_STARTS.reduce((all, { start, standIn }) => all.replaceAll(standIn, start), text)
}

function problemOf(cause: unknown, files: MadeHtml['files']): MarkupProblem {
  const { message, errors } = cause as Error & { readonly errors?: readonly ValidationError[] }
  const [first, ...others] = errors ?? []
  if (!first) return new MarkupProblem(`MJML: ${message}`, { files, cause })
  const { line, tagName: tag } = first
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const start = `Line ${line} of `
  const file = [...files.keys()].find((path) =>
    [`${start}${path} (`, `${start}${path}, `].some((begin) => first.formattedMessage.startsWith(begin)),
  )
  return new MarkupProblem(`<${tag}>: ${showBlocks(first.message)}${more}`, { file, line, tag, files, cause })
}
