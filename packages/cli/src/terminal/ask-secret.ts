import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { UsageError } from '../usage-error.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks for a password without showing what is typed. The terminal never prints it from then on.
 *
 * @param question such as `Password of ann@example.com: `
 * @throws UsageError without a terminal to ask on; AbortError after Ctrl-C
 */
export async function askSecret(terminal: Terminal, question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError('a password is missing, and there is no terminal to ask for it')
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true })
  reader.on('SIGINT', () => terminal.interrupt())
  try {
    const secret = await reader.question('', { signal: terminal.interrupted })
    terminal.secrets.add(secret)
    return secret
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
