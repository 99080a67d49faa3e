import type { ChildProcess } from 'node:child_process'
import type { Message } from '@loudmail/core'
import type { MailMessage } from 'nodemailer/lib/mailer'
import type { Exit } from './submit-failure.ts'
import type { InnerTransport } from '../transporter.ts'

/** A message on its way through a transport that takes it as a whole. */
export interface Submission {
  readonly message: Message
  contentError: { cause: unknown } | undefined
  /** The transport has it. */
  isSubmitted: boolean
  /** How the program ended that took it. */
  exit: Exit | undefined
}

/** Where nodemailer's sendmail transport keeps the function that starts the program. */
const START = '_spawn'
const MOST_WORDS = 2_000
const submissions = new WeakMap<AbortSignal, Submission>()
const tapped = new WeakSet<object>()

/** Makes a message known inside nodemailer by the signal that goes with it. */
export function mark(signal: AbortSignal, submission: Submission): void {
  submissions.set(signal, submission)
}

/**
 * Stands before a transport: it gets the envelope of the message to the letter, and where it starts a program, that
 * program's exit status is noted (nodemailer has it in a sentence only).
 */
export function tapSubmissions(inner: InnerTransport & { [START]?: unknown }): void {
  if (tapped.has(inner)) return
  tapped.add(inner)
  let current: Submission | undefined
  const send = inner.send.bind(inner)
  inner.send = (mail, callback) => {
    current = submissions.get(mail.data.signal as AbortSignal)
    if (current) submit(mail, current)
    return send(mail, callback)
  }
  const spawn = inner[START]
  if (typeof spawn !== 'function') return
  inner[START] = (...parameters: unknown[]) => {
    const child = spawn(...parameters) as ChildProcess
    if (current) watch(child, current)
    return child
  }
}

function submit(mail: MailMessage, submission: Submission): void {
  const { from, to } = submission.message.envelope
  mail.message.getEnvelope = () => ({ from: from || false, to: [...to] })
  submission.isSubmitted = true
}

function watch(child: ChildProcess, submission: Submission): void {
  const exit = { code: null as number | null, signal: null as string | null, words: '' }
  child.stderr?.on('data', (bytes: Buffer) => {
    exit.words = (exit.words + bytes.toString('utf8')).slice(0, MOST_WORDS)
  })
  // nodemailer's own listener comes after this one.
  child.once('exit', (code, signal) => {
    if (code === 0) return
    submission.exit = exit
    Object.assign(exit, { code, signal })
  })
}
