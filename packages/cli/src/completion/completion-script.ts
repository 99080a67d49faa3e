import type { Command } from 'commander'
import { bashScript } from './bash-script.ts'
import type { Shell } from './completion-command.ts'
import { completableOf } from './completable.ts'
import { fishScript } from './fish-script.ts'
import { zshScript } from './zsh-script.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** A script with which a shell completes the commands of a program. */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](program.name(), completableOf(program))
}
