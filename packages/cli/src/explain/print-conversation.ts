import { visible } from '@loudmail/core/transport'
import type { Terminal } from '../terminal/terminal.ts'
import type { Line } from './formats/line.ts'

/** How many lines before and after those that are marked are shown of a long conversation. */
const AROUND = 20
const MOST_LINES = 80
const MOST_CHARACTERS = 500
const SPEAKERS = { client: 'C:', server: 'S:', event: '--' } as const
const STYLES = { client: 'cyan', server: 'yellow', event: 'dim' } as const

/** Prints a conversation line by line. The lines of the step that failed are marked. */
export function printConversation(
  terminal: Terminal,
  lines: readonly Line[],
  marked: readonly number[],
): void {
  const shown = lines.length <= MOST_LINES ? lines.keys() : near(lines.length, marked)
  let last = -1
  for (const at of shown) {
    if (at > last + 1) terminal.print(terminal.styled('dim', `    … ${at - last - 1} lines …`))
    last = at
    const { from, text } = lines[at]!
    const said = `${SPEAKERS[from]} ${visible(text).slice(0, MOST_CHARACTERS)}`
    const isMarked = marked.includes(at)
    const words = isMarked ? terminal.styled(['red', 'bold'], said) : terminal.styled(STYLES[from], said)
    terminal.print(`${isMarked ? '  ✗ ' : '    '}${words}${at === marked.at(-1) ? '   <- failed here' : ''}`)
  }
  if (last < lines.length - 1)
    terminal.print(terminal.styled('dim', `    … ${lines.length - 1 - last} lines …`))
}

function near(count: number, marked: readonly number[]): number[] {
  const centre = marked.length > 0 ? marked : [count - 1]
  return Array.from({ length: count }, (_, at) => at).filter((at) =>
    centre.some((mark) => Math.abs(mark - at) <= AROUND),
  )
}
