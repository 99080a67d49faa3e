// Commands that do one thing each that a program does in a terminal. Tests run it as they run `loudmail`.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { InvalidArgumentError, Option } from 'commander'
import { addCompletionCommand } from '../src/completion/completion-command.ts'
import type { AddCommand } from '../src/program.ts'
import { run } from '../src/run.ts'
import { askSecret } from '../src/terminal/ask-secret.ts'
import { wrapText } from '../src/terminal/wrap-text.ts'

const addAsk: AddCommand = (program, terminal) =>
  program
    .command('ask')
    .option('--twice')
    .action(async ({ twice }: { twice?: true }) => {
      const secret = await askSecret(terminal, 'Password: ')
      terminal.print(`it has ${secret.length} characters: ${secret}`)
      if (twice) terminal.print(`then ${(await askSecret(terminal, 'Another one: ')).length}`)
    })

const addWait: AddCommand = (program, terminal) =>
  program.command('wait').action(async () => {
    const timer = setInterval(() => {}, 1000)
    terminal.note('waiting')
    await once(terminal.interrupted, 'abort')
    clearInterval(timer)
    terminal.note('stopping')
  })

const addWidth: AddCommand = (program, terminal) =>
  program.command('width').action(async () => {
    for await (const _ of createInterface({ input: process.stdin }))
      terminal.print(`${wrapText('word '.repeat(30).trim(), terminal.columns)}\n${terminal.columns} columns`)
  })

const addCrash: AddCommand = (program, terminal) =>
  program.command('crash').action(async () => {
    terminal.secrets.add('correct horse battery')
    setTimeout(() => {
      throw new TypeError('correct horse battery is not iterable')
    })
    await new Promise(() => setInterval(() => {}, 1000))
  })

const addReject: AddCommand = (program, terminal) =>
  program.command('reject').action(async () => {
    terminal.secrets.add('correct horse battery')
    void Promise.reject(new Error('nobody waits for correct horse battery'))
    await new Promise(() => setInterval(() => {}, 1000))
  })

const addWarn: AddCommand = (program, terminal) =>
  program.command('warn').action(() => {
    terminal.secrets.add('correct horse battery')
    process.emitWarning('correct horse battery is weak', 'LoudmailWarning')
    process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning')
  })

const addOptions: AddCommand = (program) =>
  program
    .command('options')
    .description('Takes options.')
    .argument('<url>', 'The URL.')
    .option('--port <port>', 'A port.', (text) => {
      if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
      return Number(text)
    })
    .option('--json', 'Prints JSON.')
    .addHelpText('after', '\nExamples:\n  loudmail options smtp://localhost --json')
    .action(() => {})

const addMail: AddCommand = (program) =>
  program
    .command('mail')
    .description("Has values of every kind: it's for [completion].")
    .argument('[what...]', 'a code or a file')
    .option('--env <name>', 'a variable')
    .option('--attach <file>', 'a file')
    .option('--store <folder>', 'a folder')
    .option('--rehearse <code>', 'a code')
    .option('--subject <text>', 'a text')
    .option('--at <stage>', 'a stage')
    .addOption(new Option('-t, --tls <mode>', 'a word').choices(['none', 'starttls']))
    .addOption(new Option('--settings [framework]', 'a word, or nothing').choices(['django', 'rails']))
    .action(() => {})

const addBox: AddCommand = (program) => {
  const box = program.command('box').description('Has commands of its own.')
  box
    .command('list', { isDefault: true })
    .addOption(new Option('--state <state>', 'a word').choices(['waiting', 'dead']))
    .action(() => {})
  box
    .command('keep')
    .argument('<shell>')
    .option('--file <file>', 'a file')
    .action(() => {})
}

const commands = [
  addCompletionCommand,
  addMail,
  addBox,
  addAsk,
  addWait,
  addWidth,
  addCrash,
  addReject,
  addWarn,
  addOptions,
]
process.exitCode = await run(process.argv.slice(2), commands)
