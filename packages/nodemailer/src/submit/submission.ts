import type { ChildProcess } from 'node:child_process'
import type { Message } from '@loudmail/core'
import type { MailMessage } from 'nodemailer/lib/mailer'
import type { Exit } from './submit-failure.ts'
import type { InnerTransport } from '../transporter.ts'
import type { ContentFailure } from '../local-failure.ts'

/** A message in a transport that takes it as a whole. */
export interface Submission {
  readonly message: Message
  contentError: ContentFailure | undefined
  /** The transport has received it. */
  isSubmitted: boolean
  /** How the program that took it ended. */
  exit: Exit | undefined
}

/** The method with which nodemailer's sendmail transport starts the program. */
const START = '_spawn'
const MOST_WORDS = 2_000
const submissions = new WeakMap<AbortSignal, Submission>()
const tapped = new WeakSet<object>()

/** Links a message to its signal, so that it can be found again inside nodemailer. */
export function mark(signal: AbortSignal, submission: Submission): void {
  submissions.set(signal, submission)
}

/**
 * Wraps the `send` of a transport. The transport gets the exact envelope of the message. If it starts a program, the exit
 * status is recorded (nodemailer has it only inside a sentence).
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
  // This listener runs before nodemailer's own.
  child.once('exit', (code, signal) => {
    if (code === 0) return
    submission.exit = exit
    Object.assign(exit, { code, signal })
  })
}
