import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MailError } from '@loudmail/core'
import { UsageError } from '../../usage-error.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { learnSecrets } from './learn-secrets.ts'
import { recogniseTransport, type TransportReading } from './recognise-transport.ts'

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
    return failed(path, importFailure(error, terminal))
  }
  learnSecrets(terminal.secrets, value)
  const reading = await recogniseTransport(value, file, part)
  return {
    ...reading,
    steps: [configStep('pass', 'transport', `${path} exports ${reading.what}.`), ...reading.steps],
  }
}

/** What CommonJS, a compiler, a function or a promise has put around it is taken off. */
async function defaultOf(exported: Record<string, unknown>): Promise<unknown> {
  let value = exported['default']
  if (typeof value === 'object' && value !== null && '__esModule' in value)
    value = (value as { default?: unknown }).default
  if (typeof value === 'function' && value.length === 0 && !/^class\b/.test(String(value)))
    value = (value as () => unknown)()
  return value
}

function missing(exported: Record<string, unknown>): MailError {
  const names = Object.keys(exported)
  const there = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
  return configFailure(
    `the file has no default export: ${there}`,
    'Add a default export: the transport, the transporter or its options.',
  )
}

function importFailure(error: unknown, terminal: Terminal): MailError {
  if (MailError.is(error)) return error
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return configFailure(
      `Node ${process.versions.node} does not read files of this kind`,
      'TypeScript needs Node 22.18 or newer. Otherwise name the compiled file.',
    )
  return new MailError({
    stage: 'config',
    kind: 'invalid-config',
    summary: `the file cannot be loaded: ${typeof message === 'string' ? message : String(error)}`,
    hint: 'Start it as the application does: in the same folder, with the same variables (--dotenv) and the same Node.',
    redact: terminal.secrets.redact,
    cause: error,
  })
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
