import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { start, type RunOptions } from '../cli.ts'

/** A `loudmail dev` that is running. */
export interface RunningDev {
  readonly child: ReturnType<typeof start>
  readonly smtpPort: number
  /** With a slash at its end. */
  readonly inbox: string
  /** What it wrote until it was ready, and since then. */
  readonly output: { stdout: string; stderr: string }
  /** Ends it, and gives its exit status. */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<number | null>
}

/** A mail as the API has it. */
export interface ApiMail {
  readonly id: string
  readonly state: string
  readonly subject: string
  readonly text: string
  readonly code?: string
  readonly envelope: { readonly from: string; readonly to: readonly string[]; readonly smtputf8: boolean }
  readonly attachments: readonly object[]
  readonly transport: string
  readonly error?: { readonly hint: string; readonly delivered: string }
  readonly transcript?: readonly { readonly from: string; readonly text: string }[]
}

/** Starts `loudmail dev` on free ports, and waits until it says that it is ready. */
export async function runningDev(
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunningDev> {
  const child = start(['dev', '--smtp-port', '0', '--http-port', '0', ...args], options)
  const closed = once(child, 'close') as Promise<[number | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const output = { stdout: '', stderr: '' }
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of ['stdout', 'stderr'] as const)
      createInterface({ input: child[stream]! }).on('line', (line) => {
        output[stream] += `${line}\n`
        if (line === 'Ctrl-C stops it.') resolve()
      })
    void closed.then(([status]) => reject(new Error(`it ended with ${status}: ${output.stderr}`)))
  })
  await ready
  const said = output.stdout + output.stderr
  return {
    child,
    output,
    smtpPort: Number(/^ {2}mail +smtps?:\/\/\S+:(\d+)/m.exec(said)![1]),
    inbox: /^ {2}inbox +(\S+)$/m.exec(said)![1]!,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const [status] = await closed
      return status
    },
  }
}

/** The newest mail that matches, in full; waits for it. */
export async function latest(dev: RunningDev, query: Readonly<Record<string, string>>): Promise<ApiMail> {
  const answer = await fetch(
    `${dev.inbox}api/mails/latest?${String(new URLSearchParams({ wait: '5000', ...query }))}`,
  )
  if (!answer.ok) throw new Error(`the inbox answers ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as ApiMail
}

/** Runs a program of another kind to its end, and gives what it wrote. */
export async function program(
  command: string,
  args: readonly string[],
  { input = '', env }: RunOptions = {},
): Promise<{ readonly output: string; readonly status: number | null }> {
  const cwd = new URL('../..', import.meta.url)
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  child.stdin.on('error', () => {}).end(input)
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { output: out + err, status }
}
