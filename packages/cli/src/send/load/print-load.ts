import type { Terminal } from '../../terminal/terminal.ts'
import { wrapText } from '../../terminal/wrap-text.ts'
import { wrapShown } from '../../terminal/wrap-shown.ts'
import type { LoadSummary } from './load-summary.ts'

const BAR_COLUMNS = 40
/** The part of the rate from which on it counts as reached. */
const KEPT_UP = 0.95

/** Prints the summary of a load check for a person. */
export function printLoad(terminal: Terminal, summary: LoadSummary): void {
  const { sent, failed, notStarted, seconds, ratePerSecond, wantedRatePerSecond: wanted } = summary
  terminal.print(
    [
      terminal.styled(failed === 0 ? 'green' : 'bold', `${count(sent)} sent`),
      failed === 0 ? '0 failed' : terminal.styled('red', `${count(failed)} failed`),
      ...(notStarted > 0 ? [`${count(notStarted)} not started`] : []),
      `in ${seconds.toFixed(2)} s`,
    ].join(', '),
  )
  const isBehind = wanted !== undefined && ratePerSecond < wanted * KEPT_UP
  const behind = isBehind ? ': the server or this machine did not keep up' : ''
  const asked = wanted === undefined ? '' : ` (asked for ${count(wanted)}${behind})`
  terminal.print(`${rounded(ratePerSecond)} messages a second${asked}`)
  if (summary.stoppedBy !== undefined) {
    const why = `No more messages were started after ${summary.stoppedBy}: more attempts to log in could lock the account.`
    terminal.print(wrapText(why, terminal.columns))
  }
  printFailures(terminal, summary)
  printLatencies(terminal, summary)
}

function printFailures(terminal: Terminal, { failures }: LoadSummary): void {
  for (const { code, count: times, summary, hint } of failures) {
    terminal.print()
    terminal.print(`${terminal.styled(['red', 'bold'], `✗ ${code}`)}  ${count(times)} times. For example:`)
    for (const text of [summary, hint]) terminal.print(wrapShown(terminal, text, terminal.columns, '    '))
  }
}

function printLatencies(terminal: Terminal, { latencyMs, histogram }: LoadSummary): void {
  if (!latencyMs) return
  terminal.print()
  terminal.print('How long a message took, in ms, with the wait for a connection')
  terminal.print(
    `  ${Object.entries(latencyMs)
      .map(([name, ms]) => `${terminal.styled('dim', name)} ${rounded(ms)}`)
      .join('   ')}`,
  )
  terminal.print()
  const most = Math.max(...histogram.map((bar) => bar.count))
  for (const { upToMs, count: times } of histogram) {
    const label = upToMs === undefined ? 'more' : `up to ${upToMs}`
    const bar = '█'.repeat(Math.ceil((times / most) * BAR_COLUMNS)).padEnd(BAR_COLUMNS)
    terminal.print(`  ${label.padStart(12)}  ${terminal.styled('cyan', bar)} ${count(times)}`)
  }
}

/** Three digits, and all digits before the point. */
function rounded(number: number): string {
  return number >= 100 ? count(Math.round(number)) : String(Number(number.toPrecision(3)))
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
