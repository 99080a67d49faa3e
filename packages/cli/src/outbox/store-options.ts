import { InvalidArgumentError, type Command } from 'commander'
import { OPTION_WORDS } from '../usage/option-words.ts'

/** Adds what says where the outbox is, and how the result looks. */
export function addStoreOptions(command: Command, json: string): Command {
  return command
    .optionsGroup('Where the outbox is:')
    .option('--store <file>', 'a file of SQLite, or the URL of a database: postgres://user@host/name')
    .option('--store-env <name>', `the same, for a URL with a password: ${OPTION_WORDS.env}`)
    .optionsGroup('Output:')
    .option('--json', json)
}

/** What `--json` says where the result has several parts. */
export const JSON_LINES = `${OPTION_WORDS.json} for each entry, each on a line`

/** A whole number of one or more. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}
