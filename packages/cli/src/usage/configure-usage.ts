import { styleText } from 'node:util'
import type { Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { explainUsage } from './explain-usage.ts'

/** Makes the help and the errors of a command, and of those below it, fit the terminal. */
export function configureUsage(command: Command, terminal: Terminal): void {
  command
    .configureHelp({
      // Also in a narrow window.
      minWidthToWrap: 12,
      styleTitle: bold,
      styleCommandText: bold,
      styleOptionText: cyan,
      styleSubcommandText: cyan,
      styleArgumentText: cyan,
    })
    .configureOutput({
      writeOut: (text) => terminal.print(withHeadings(text.trimEnd(), terminal.styled('bold', '*') !== '*')),
      writeErr: (text) => terminal.note(text.trimEnd()),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.styled('bold', '*') !== '*',
      getErrHasColors: () => terminal.styledNote('bold', '*') !== '*',
      // It is written later, when the secrets of the command line are known.
      outputError: (text) => {
        throw new UsageError(explainUsage(text, command), pathOf(command))
      },
    })
  for (const each of command.commands) configureUsage(each, terminal)
}

/** How the command is called, such as `loudmail doctor`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

/** Styled whatever the output is: commander removes styles where there are no colours. */
const bold = (text: string): string => styleText('bold', text, { validateStream: false })
const cyan = (text: string): string => styleText('cyan', text, { validateStream: false })

/** Headings that a command adds to its help, such as `Examples:`, look as those of commander. */
function withHeadings(text: string, hasColors: boolean): string {
  return hasColors ? text.replaceAll(/^\w+:$/gm, bold) : text
}
