import type { Completable, CompletableOption, Values } from './completable.ts'

/** The script for zsh. It can be sourced, or stand in a folder of `fpath`. */
export function zshScript(program: string, root: Completable): string {
  return `#compdef ${program}
# Completion of ${program} for zsh.

${functionsOf(`_${program}`, root).join('\n\n')}

if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi`
}

/** One for a command that has commands, and one for each of those that have some, too. */
function functionsOf(name: string, { options, commands }: Completable): string[] {
  const below = commands.filter((command) => command.commands.length > 0)
  return [
    ...below.flatMap((command) => functionsOf(`${name}_${command.name}`, command)),
    `${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map((each) => `    ${quoted(`${each.name}:${each.about.replaceAll(':', String.raw`\:`)}`)}`).join('\n')}
  )
  _arguments -C \\
${[...options.map(optionSpec), quoted('1: :->command'), quoted('*:: :->rest')].map((spec) => `    ${spec}`).join(' \\\n')}
  case $state in
    (command) _describe command commands ;;
    (rest)
      case $words[1] in
${commands.map((command) => commandCase(command, name)).join('\n')}
      esac ;;
  esac
}`,
  ]
}

function commandCase({ name, options, args, commands }: Completable, before: string): string {
  if (commands.length > 0) return `        (${name}) ${before}_${name} ;;`
  const specs = [
    ...options.map(optionSpec),
    ...args.map((arg, index) =>
      quoted(`${arg.isVariadic ? '*' : index + 1}:${plain(arg.name)}:${actionOf(arg)}`),
    ),
  ]
  return `        (${name}) _arguments -s \\\n${specs.map((spec) => `          ${spec}`).join(' \\\n')} ;;`
}

/** Such as '--env=[the variable that holds the URL]:name:…'. An option can be given more than once: many collect. */
function optionSpec({ flags, about, value }: CompletableOption): string {
  const text = `[${plain(about)}]`
  if (!value) {
    const others = flags.length > 1 ? `(${flags.join(' ')})` : ''
    return flags.map((flag) => quoted(`${others}${flag}${text}`)).join(' ')
  }
  const colons = value.isOptional ? '::' : ':'
  const rest = `${text}${colons}${plain(value.name)}:${actionOf(value)}`
  return flags.map((flag) => quoted(`*${flag}${flag.startsWith('--') ? '=' : '+'}${rest}`)).join(' ')
}

function actionOf({ words, known }: Values): string {
  const list = `(${words.join(' ')})`
  if (known === 'files')
    return words.length === 0 ? '_files' : `_alternative "words:word:${list}" "files:file:_files"`
  if (known === 'folders') return '_path_files -/'
  if (known === 'variables') return String.raw`_parameters -g \*export\*`
  return words.length === 0 ? ' ' : list
}

/** A text without what _arguments gives a meaning. */
function plain(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
