/** How many lines are shown before and after the one that is wrong. */
const AROUND = 2
/** A longer line is cut around its column. */
const MOST_CHARACTERS = 160

/**
 * The lines around a place, numbered, with a mark under the column.
 *
 * @param line the first line is 1
 * @param column the first character is 1
 */
export function excerptOf(text: string, line: number, column?: number): string | undefined {
  const lines = text.split(/\r?\n/)
  if (line < 1 || line > lines.length) return undefined
  const from = Math.max(1, line - AROUND)
  const to = Math.min(lines.length, line + AROUND)
  const width = String(to).length
  // A long line is shown from a little before its column.
  const start = column !== undefined && column > MOST_CHARACTERS - 20 ? column - 60 : 0
  const shown: string[] = []
  for (let number = from; number <= to; number++) {
    const cut = lines[number - 1]!.replaceAll('\t', ' ').slice(start, start + MOST_CHARACTERS)
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${cut}`.trimEnd())
    if (number === line && column !== undefined)
      shown.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1 - start))}^`)
  }
  return shown.join('\n')
}
