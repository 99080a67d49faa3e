import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MailError } from '@loudmail/core'
import { defaultOf } from '../../module/default-of.ts'
import { importFailure } from '../../module/import-failure.ts'
import { UsageError } from '../../usage-error.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { learnSecrets } from '../../module/learn-secrets.ts'
import { recogniseTransport, type TransportReading } from './recognise-transport.ts'

const HINT =
  'Start it as the application does: in the same folder, with the same variables (--dotenv) and the same Node.'

/**
 * Imports the application's own transport: the default export of a file.
 *
 * @throws UsageError if there is no such file
 */
export async function readTransport(
  terminal: Terminal,
  path: string,
  part: number,
): Promise<TransportReading> {
  const file = resolve(path)
  if (!existsSync(file)) throw new UsageError(`--transport ${path}: there is no such file`)
  let value: unknown
  try {
    const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    value = await defaultOf(exported)
    if (value === undefined) return failed(path, missing(exported))
  } catch (error) {
    return failed(path, importFailure(error, terminal, HINT))
  }
  learnSecrets(terminal.secrets, value)
  const reading = await recogniseTransport(value, file, part)
  return {
    ...reading,
    steps: [configStep('pass', 'transport', `${path} exports ${reading.what}.`), ...reading.steps],
  }
}

function missing(exported: Record<string, unknown>): MailError {
  const names = Object.keys(exported)
  const there = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
  return configFailure(
    `the file has no default export: ${there}`,
    'Add a default export: the transport, the transporter or its options.',
  )
}

function failed(path: string, failure: MailError): TransportReading {
  return {
    what: '',
    words: 'smtp',
    transport: undefined,
    failure,
    changes: [],
    steps: [configStep('fail', 'transport', `${path}: ${failure.summary}`)],
  }
}
