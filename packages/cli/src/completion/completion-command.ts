import { Argument, type Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const EXAMPLES = `
Examples:
  $ echo 'eval "$(loudmail completion bash)"' >> ~/.bashrc
  $ echo 'source <(loudmail completion zsh)' >> ~/.zshrc      # after compinit
  $ loudmail completion fish > ~/.config/fish/completions/loudmail.fish`

/** Adds `loudmail completion`. */
export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .summary('print a script with which the Tab key completes commands, options and values')
    .description(
      'Print a script for your shell. With it, the Tab key completes commands, options and values. It works where loudmail is installed, not with npx.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion-script.ts')
      terminal.print(completionScript(shell, program))
    })
}
