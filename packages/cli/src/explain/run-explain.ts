import { readFileSync, statSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import { STAGES, type Stage } from '@loudmail/core'
import { nearestName } from '@loudmail/core/transport'
import { EXIT, type Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { explainCode, explainPart, unknownCode } from './explain-name.ts'
import { explainText } from './explain-text.ts'
import { explanationJson } from './explanation.ts'
import { printExplanation, printName } from './print-explanation.ts'
import { rememberSecretsIn } from './replay/secrets-in.ts'

/** The options of `loudmail explain`. */
export interface ExplainOptions {
  readonly stage?: string
  readonly host?: string
  readonly json?: true
}

const UNDERSTOOD =
  'Give a code (auth/bad-credentials), a kind or a stage alone, what a server said (550 5.1.1 …), what your system said (ECONNREFUSED), or a log that has SMTP commands and replies in it: a transcript or an error of Loudmail, the debug output of nodemailer, smtplib, PHPMailer, swaks or curl -v, or a session in telnet or openssl.'

/** Explains what the words stand for: a code, a reply, or the name of a file with a log. */
export async function runExplain(
  words: readonly string[],
  options: ExplainOptions,
  terminal: Terminal,
  finish: Finish,
): Promise<void> {
  const stage = stageOf(options.stage)
  const input = await inputOf(words, terminal)
  rememberSecretsIn(input, terminal.secrets)
  const name = input.trim()
  const part = explainPart(name)
  if (part) return options.json ? terminal.printJson(partJson(part)) : printName(terminal, part)
  const unknown = explainCode(name) ? undefined : unknownCode(name)
  const { host, json } = options
  const explanation =
    explainCode(name) ?? (unknown ? undefined : explainText(input, { stage, host }, terminal.secrets))
  if (!explanation) {
    terminal.note(`loudmail: ${unknown ?? 'this is not a code, a reply or a log that explain can read'}`)
    terminal.note(UNDERSTOOD)
    return finish(EXIT.failed)
  }
  if (json) terminal.printJson(explanationJson(explanation))
  else printExplanation(terminal, explanation)
}

function stageOf(name: string | undefined): Stage | undefined {
  const stage = STAGES.find((each) => each === name)
  if (stage !== undefined || name === undefined) return stage
  const near = nearestName(name, STAGES)
  const meant = near === undefined ? '' : `. Did you mean ${near}?`
  throw new UsageError(`--stage takes one of ${STAGES.join(', ')}${meant}`)
}

async function inputOf(words: readonly string[], terminal: Terminal): Promise<string> {
  const [first] = words
  if (first === '-' || first === undefined) {
    if (first === undefined && process.stdin.isTTY)
      throw new UsageError('explain needs a code, a reply, a file, or a log on standard input')
    const input = await textOf(process.stdin)
    if (terminal.interrupted.aborted || input.trim() !== '') return input
    throw new UsageError('there is nothing on standard input')
  }
  if (words.length > 1) return words.join(' ')
  const isFile = statSync(first, { throwIfNoEntry: false })?.isFile() ?? false
  if (isFile) return readFileSync(first, 'utf8')
  if (/^(?:\.{0,2}\/|~)\S*$|^\S+\.(?:log|txt|json|jsonl|out|transcript)$/.test(first))
    throw new UsageError(`there is no file ${first}`)
  return first
}

function partJson({ title, summary, failures }: NonNullable<ReturnType<typeof explainPart>>): unknown {
  return {
    name: title,
    summary,
    codes: failures.map(({ code, summary: what, hint, permanence, scope }) => ({
      code,
      summary: what,
      hint,
      permanence,
      scope,
    })),
  }
}
