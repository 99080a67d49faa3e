import { readFile, stat } from 'node:fs/promises'
import { withoutMark } from '../folder/read-text.ts'
import { TemplateProblem } from '../template-problem.ts'

const MOST_OCTETS = 1_000_000

/** A problem with a text of the HTML, at the place where it stands in one of the files, if it is there word for word. */
export async function problemWith(
  message: string,
  written: string,
  files: readonly string[],
): Promise<TemplateProblem> {
  for (const file of new Set(files)) {
    const text = await readText(file)
    const at = text === undefined || written === '' ? -1 : offsetOf(text, written)
    if (at < 0) continue
    const before = text!.slice(0, at).split('\n')
    return new TemplateProblem(message, { file, line: before.length, column: before.at(-1)!.length + 1 })
  }
  return new TemplateProblem(message, { file: files[0] })
}

/** `a.png` is not in `data.png`, and `p` is not in `top`. */
function offsetOf(text: string, written: string): number {
  const [first, last] = [isPart(written[0]), isPart(written.at(-1))]
  let at = text.indexOf(written)
  while (at >= 0 && ((first && isPart(text[at - 1])) || (last && isPart(text[at + written.length]))))
    at = text.indexOf(written, at + 1)
  return at
}

function isPart(character: string | undefined): boolean {
  return character !== undefined && /[\w/.-]/.test(character)
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > MOST_OCTETS ? undefined : withoutMark(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}
