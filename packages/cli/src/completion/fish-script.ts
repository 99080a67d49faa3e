import type { Completable, CompletableOption, Values } from './completable.ts'

/** The script for fish. */
export function fishScript(
  program: string,
  [root, ...commands]: readonly [Completable, ...Completable[]],
): string {
  const complete = `complete -c ${program}`
  return [
    `# Completion of ${program} for fish.`,
    `${complete} -f`,
    ...root.options.map((option) => `${complete} -n __fish_use_subcommand ${optionOf(option)}`),
    ...commands.flatMap(({ name, about, options, args }) => {
      const inside = `${complete} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
      return [
        `${complete} -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
        ...options.map((option) => `${inside} ${optionOf(option)}`),
        ...args.map((arg) => `${inside} ${valuesOf(arg)}`.trimEnd()).filter((line) => line !== inside),
      ]
    }),
  ].join('\n')
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
