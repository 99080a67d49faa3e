import type { Completable, CompletableOption, Values } from './completable.ts'

/** The script for fish. */
export function fishScript(program: string, root: Completable): string {
  const complete = `complete -c ${program}`
  return [`# Completion of ${program} for fish.`, `${complete} -f`, ...linesOf(complete, root)].join('\n')
}

function linesOf(complete: string, { path, options, args, commands }: Completable): string[] {
  const names = commands.map(({ name }) => name)
  const before = path.split(' ').filter(Boolean).map(seen)
  // Where a command comes next, none of those below it was seen.
  const next =
    path === '' ? ['__fish_use_subcommand'] : names.length > 0 ? [`not ${seen(names.join(' '))}`] : []
  const inside = `${complete} -n ${quoted([...before, ...next].join('; and '))}`
  return [
    ...options.map((option) => `${inside} ${optionOf(option)}`),
    ...commands.map(({ name, about }) => `${inside} -a ${name} -d ${quoted(about)}`),
    ...args.map((arg) => `${inside} ${valuesOf(arg)}`.trimEnd()).filter((line) => line !== inside),
    ...commands.flatMap((command) => linesOf(complete, command)),
  ]
}

function seen(names: string): string {
  return `__fish_seen_subcommand_from ${names}`
}

function optionOf({ flags, about, value }: CompletableOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  // `-x`: a value, and no files. An optional value is like any other here: fish knows it only after an equals sign.
  const rest = value ? `${value.known === 'files' ? '-r' : '-x'} ${valuesOf(value)}`.trimEnd() : ''
  return [...names, rest, `-d ${quoted(about)}`].filter(Boolean).join(' ')
}

function valuesOf({ words, known }: Values): string {
  if (known === 'folders') return `-a '(__fish_complete_directories)'`
  if (known === 'variables') return `-a '(set --names --export)'`
  const list = words.length === 0 ? '' : `-a ${quoted(words.join(' '))}`
  return known === 'files' ? `-F ${list}` : list
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}
