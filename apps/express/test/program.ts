import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A program that runs, started as its `pnpm start` does. */
export interface Program extends AsyncDisposable {
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Response>
  /** A request with this body, as it is. */
  send(method: string, path: string, body: string, headers: Record<string, string>): Promise<Response>
  /** Everything that it has printed. */
  output(): string
  /** Ends it, and resolves to its exit code, or to the signal that ended it, once it has ended. */
  terminate(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>
}

export interface StartOptions {
  /** @default 'test' */
  readonly mode?: string
  /** The file of the shop's database. @default a new one, which is removed when the program has ended */
  readonly database?: string
  /** @default 'start' */
  readonly script?: 'start' | 'start:worker'
  /** Another process sends what is in the outbox. @default false */
  readonly workerApart?: boolean
  /** Opens the page of the outbox where mail is sent. @default there is none */
  readonly outboxPassword?: string
  /** What the provider signs its webhook with. @default there is no webhook */
  readonly webhookSecret?: string | undefined
  /** What signs the links that unsubscribe. @default there are none */
  readonly unsubscribeSecret?: string | undefined
  /** Where the images of mails are. @default in the mails */
  readonly imagesUrl?: string | undefined
}

export async function start(
  folder: URL,
  mailUrl: string | undefined,
  {
    mode = 'test',
    database,
    script = 'start',
    workerApart = false,
    outboxPassword,
    webhookSecret,
    unsubscribeSecret,
    imagesUrl,
  }: StartOptions = {},
): Promise<Program> {
  const { scripts } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as {
    scripts: Record<string, string>
  }
  const {
    MAIL_URL: _,
    OUTBOX_PASSWORD: __,
    WEBHOOK_SECRET: ___,
    UNSUBSCRIBE_SECRET: ____,
    IMAGES_URL: _____,
    ...environment
  } = process.env
  const own = database === undefined ? mkdtempSync(join(tmpdir(), 'tea-shop-')) : undefined
  const child = spawn(process.execPath, scripts[script]!.split(' ').slice(1), {
    cwd: fileURLToPath(folder),
    env: {
      ...environment,
      NODE_ENV: mode,
      PORT: '0',
      DATABASE: database ?? join(own!, 'tea.db'),
      ...(workerApart && { WORKER: 'apart' }),
      ...(outboxPassword !== undefined && { OUTBOX_PASSWORD: outboxPassword }),
      ...(webhookSecret !== undefined && { WEBHOOK_SECRET: webhookSecret }),
      ...(unsubscribeSecret !== undefined && { UNSUBSCRIBE_SECRET: unsubscribeSecret }),
      ...(imagesUrl !== undefined && { IMAGES_URL: imagesUrl }),
      ...(mailUrl !== undefined && { MAIL_URL: mailUrl }),
    },
  })
  if (own) child.once('close', () => rmSync(own, { recursive: true }))
  let output = ''
  const url = await new Promise<string | undefined>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const ready = /listening on (\S+:\d+)|the worker sends/.exec(output)
        if (ready) resolve(ready[1])
      })
    }
    child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${output}`)))
  })
  const program: Program = {
    async [Symbol.asyncDispose]() {
      await program.terminate()
    },
    get: (path, headers) => fetch(`${url}${path}`, { headers: { connection: 'close', ...headers } }),
    post: (path, body = {}, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close', ...headers },
        body: JSON.stringify(body),
      }),
    send: (method, path, body, headers) =>
      fetch(`${url}${path}`, { method, body, headers: { connection: 'close', ...headers } }),
    output: () => output,
    async terminate(signal = 'SIGTERM') {
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
      const ended = isOver() ? undefined : once(child, 'close')
      child.kill(signal)
      await ended
      return child.exitCode ?? child.signalCode
    },
  }
  return program
}
