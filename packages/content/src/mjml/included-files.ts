import { readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { withoutMark } from '../folder/read-text.ts'
import { MarkupProblem } from './markup-problem.ts'
import { readMarkup, type Include } from './read-markup.ts'

/**
 * The files that markup includes, and those that they include: the text of each by its absolute path.
 *
 * @param file the file that has the markup; undefined for the markup of the template
 * @throws MarkupProblem if one is missing or outside of the folder, or if markup is not well-formed
 */
export async function includedFiles(
  markup: string,
  folder: string,
  base: string,
  file?: string,
  found = new Map<string, string>(),
): Promise<ReadonlyMap<string, string>> {
  const { includes, unclosed, stray } = readMarkup(markup)
  const problem = (message: string, place: { tag: string; line: number }): MarkupProblem =>
    new MarkupProblem(message, { ...place, file, files: found })
  if (unclosed) throw problem(`<${unclosed.tag}> is not closed`, unclosed)
  if (stray)
    throw problem(
      `MJML leaves out text that stands in <${stray.tag}> itself: ${JSON.stringify(stray.text.slice(0, 60))}. Put it into <mj-text> or <mj-raw>`,
      stray,
    )
  for (const include of includes) {
    const path = await pathOf(include, folder, base, problem)
    if (found.has(path)) continue
    const text = withoutMark(await readFile(path, 'utf8'))
    found.set(path, text)
    if (include.type === undefined || include.type === 'mjml')
      await includedFiles(text, folder, dirname(path), path, found)
  }
  return found
}

async function pathOf(
  include: Include,
  folder: string,
  base: string,
  problem: (message: string, include: Include) => MarkupProblem,
): Promise<string> {
  const { path } = include
  const whole = resolve(base, path)
  let real: string
  let root: string
  try {
    real = await realpath(whole)
    root = await realpath(folder)
  } catch {
    throw problem(`mj-include: there is no file ${whole}`, include)
  }
  const within = relative(root, real)
  // MJML refuses absolute paths, too, but in silence.
  if (isAbsolute(path) || within === '' || within.split(sep)[0] === '..' || isAbsolute(within))
    throw problem(`mj-include: ${path} is not a file in the folder ${folder}`, include)
  return whole
}
