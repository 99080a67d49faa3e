/** Breaks a text into lines of at most so many columns. A word that is longer, such as a URL, stays whole. */
export function wrapText(text: string, columns: number, indent = ''): string {
  const lines = text.split('\n').map((line) => wrapLine(line, Math.max(columns - indent.length, 20)))
  return lines
    .flat()
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n')
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > columns) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
