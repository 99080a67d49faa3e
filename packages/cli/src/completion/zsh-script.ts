import type { Completable, CompletableOption, Values } from './completable.ts'

/** The script for zsh. It can be sourced, or stand in a folder of `fpath`. */
export function zshScript(
  program: string,
  [root, ...commands]: readonly [Completable, ...Completable[]],
): string {
  return `#compdef ${program}
# Completion of ${program} for zsh.

_${program}() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', String.raw`\:`)}`)}`).join('\n')}
  )
  _arguments -C \\
${[...root.options.map(optionSpec), quoted('1: :->command'), quoted('*:: :->rest')].map((spec) => `    ${spec}`).join(' \\\n')}
  case $state in
    (command) _describe command commands ;;
    (rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}

if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi`
}

function commandCase({ name, options, args }: Completable): string {
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
