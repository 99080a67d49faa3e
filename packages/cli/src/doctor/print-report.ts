import { inspect } from 'node:util'
import { visible } from '@loudmail/core/transport'
import { printFailure } from '../terminal/print-failure.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { wrapShown } from '../terminal/wrap-shown.ts'
import type { Fix, Report, Step } from './report.ts'
import type { Target } from './target.ts'

/**
 * Prints the end of a report, after the steps: the verdict, the failure, and what to change.
 *
 * @param words how the application writes its options; for a URL, the options of `smtp()` stand beside it
 */
export function printReport(terminal: Terminal, report: Report, words: Target['words'] = 'smtp'): void {
  terminal.print()
  printVerdict(terminal, report)
  const { failure, fixes } = report
  if (failure) {
    terminal.print()
    printFailure(terminal, failure, { delivery: failure.recipients.length > 0 })
  }
  if (fixes.length === 0) return
  terminal.print()
  terminal.print(
    terminal.styled('bold', fixes.length === 1 ? 'What to change' : 'What to change: one of these'),
  )
  for (const [index, fix] of fixes.entries()) printFix(terminal, fix, index + 1, words)
}

function printVerdict(terminal: Terminal, { url, verdict, steps, failure, isSenderOnly }: Report): void {
  const count = (wanted: Step['verdict'], what: string): string => {
    const found = steps.filter((step) => step.verdict === wanted).length
    return found === 1 ? `a ${what}` : `${found} ${what}s`
  }
  const shown = visible(url)
  const [style, words] =
    verdict === 'pass'
      ? (['green', isSenderOnly ? `All is well with ${shown}` : `Mail can be sent through ${shown}`] as const)
      : verdict === 'warn'
        ? ([
            'yellow',
            `${isSenderOnly ? `${shown} is usable` : `Mail can be sent through ${shown}`}, with ${count('warn', 'warning')}`,
          ] as const)
        : ([
            'red',
            failure
              ? `Mail cannot be sent through ${shown}`
              : isSenderOnly
                ? `Receivers may refuse mail of ${shown}: ${count('fail', 'problem')}`
                : `Mail can be sent through ${shown}, with ${count('fail', 'problem')}`,
          ] as const)
  terminal.print(terminal.styled([style, 'bold'], words))
}

function printFix(
  terminal: Terminal,
  { change, url, options, verified }: Fix,
  number: number,
  words: Target['words'],
): void {
  const start = `  ${number}. `
  const indent = ' '.repeat(start.length)
  const tried = verified
    ? terminal.styled('green', '✓ tried: works')
    : terminal.styled('dim', '- not proved to work')
  const text = wrapShown(terminal, change, terminal.columns, indent)
  terminal.print()
  terminal.print(start + text.slice(indent.length))
  terminal.print(`${indent}${tried}`)
  if (url !== undefined) row(terminal, indent, 'URL', visible(url))
  if (options && Object.keys(options).length > 0)
    row(
      terminal,
      indent,
      words === 'nodemailer' ? 'nodemailer' : 'smtp()',
      optionLines(options, terminal.columns - LABEL_COLUMNS - indent.length),
    )
}

const LABEL_COLUMNS = 12

/** Nothing is wrapped here: it is to be copied. */
function row(terminal: Terminal, indent: string, label: string, text: string): void {
  for (const [index, line] of text.split('\n').entries()) {
    const before = (index === 0 ? label : '').padEnd(LABEL_COLUMNS)
    terminal.print(`${indent}${terminal.styled('dim', before)}${terminal.styled('cyan', line)}`)
  }
}

/** Options as properties of an object in JavaScript, one a line. */
function optionLines(options: Readonly<Record<string, unknown>>, columns: number): string {
  return Object.entries(options)
    .map(([name, value]) => {
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : inspect(name)
      return `${key}: ${inspect(value, { depth: 5, breakLength: Math.max(columns, 40), maxStringLength: null })},`
    })
    .join('\n')
}
