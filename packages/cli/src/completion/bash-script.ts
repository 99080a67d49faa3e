import { flattened, type Completable, type Values } from './completable.ts'

/** The script for bash 3.2 and later. Of a word with `=`, bash completes the part after it. */
export function bashScript(program: string, root: Completable): string {
  const all = flattened(root)
  return `# Completion of ${program} for bash.

# Finds what can stand in a place, such as "doctor --env" or "explain 1".
_${program}_values() {
  words= known=
  case $1 in
${all.flatMap(casesOf).join('\n')}
    (*) return 1 ;;
  esac
}

_${program}_options() {
  case $1 in
${all.map(({ path, options }) => `    (${quoted(path)}) words=${quoted(lines(options.flatMap(({ flags }) => flags)))} ;;`).join('\n')}
    (*) return 1 ;;
  esac
}

_${program}() {
  local words known command= option= count=1 onlyArguments= i word each
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then continue; fi
    if [[ -z $onlyArguments && $word == -?* ]]; then
      option=
      if [[ $word == -- ]]; then onlyArguments=1
      elif _${program}_values "$command $word"; then option=$word
      fi
    elif [[ -n $option ]]; then option=
    elif [[ -z $command ]]; then command=$word
    elif [[ $count == 1 ]] && _${program}_options "$command $word"; then command="$command $word"
    else ((count++))
    fi
  done
  word=\${COMP_WORDS[COMP_CWORD]}
  if [[ $word == '=' ]]; then word=; fi
  words= known=
  if [[ -z $onlyArguments && $word == -* ]]; then _${program}_options "$command"
  elif [[ -n $option ]]; then _${program}_values "$command $option"
  elif [[ -z $command ]]; then _${program}_values 1
  else _${program}_values "$command $count" || _${program}_values "$command more"
  fi
  COMPREPLY=()
  if [[ -z $words ]]; then
    # bash itself knows how to complete these, with ~ and blanks.
    case $known in
      (files) compopt -o default 2>/dev/null && return ;;
      (folders) compopt -o dirnames 2>/dev/null && return ;;
    esac
  fi
  if [[ $known == files ]]; then compopt -o filenames 2>/dev/null; fi
  while IFS= read -r each; do COMPREPLY+=("$each"); done < <(
    compgen -W "$words" -- "$word"
    case $known in
      (files) compgen -f -- "$word" ;;
      (folders) compgen -d -- "$word" ;;
      (variables) compgen -e -- "$word" ;;
    esac
  )
}

complete -F _${program} ${program}`
}

function casesOf({ path, options, args, commands }: Completable): string[] {
  const at = (place: string): string => `${path} ${place}`.trim()
  const names = commands.map(({ name }) => name)
  return [
    ...(names.length > 0 ? [caseOf([at('1')], { words: names })] : []),
    ...options.flatMap(({ flags, value }) => (value ? [caseOf(flags.map(at), value)] : [])),
    ...args.map((arg, index) => caseOf([at(arg.isVariadic ? 'more' : `${index + 1}`)], arg)),
  ]
}

function caseOf(places: readonly string[], { words, known }: Values): string {
  return `    (${places.map(quoted).join(' | ')}) words=${quoted(lines(words))} known=${known ?? ''} ;;`
}

const lines = (words: readonly string[]): string => words.join('\n')

/** In single quotes, as bash reads them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
