import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { UsageError } from '../usage-error.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks for a password without showing what is typed. The terminal never prints it from then on.
 *
 * @param question such as `Password of ann@example.com: `
 * @throws UsageError without a terminal to ask on, and without an answer; AbortError after Ctrl-C
 */
export async function askSecret(terminal: Terminal, question: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError('a password is missing, and there is no terminal to ask for it')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 })
  reader.on('SIGINT', () => terminal.interrupt())
  // Only now: from here on, what is typed is not shown.
  process.stderr.write(question)
  // Ctrl-D closes it, and the question stays open.
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')))
  try {
    const secret = await Promise.race([reader.question('', { signal: terminal.interrupted }), closed])
    if (secret === '') throw new UsageError('no password was typed')
    terminal.secrets.add(secret)
    return secret
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
