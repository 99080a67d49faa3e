import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A program that runs, started as its `pnpm start` does. */
export interface Program extends AsyncDisposable {
  get(path: string): Promise<Response>
  post(path: string, body?: object): Promise<Response>
  /** Everything that it has printed. */
  output(): string
  /** Ends it, and resolves to its exit code, or to the signal that ended it, once it has ended. */
  terminate(): Promise<number | string | null>
}

export async function start(folder: URL, mailUrl: string | undefined, mode = 'test'): Promise<Program> {
  const { scripts } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as {
    scripts: { start: string }
  }
  const { MAIL_URL: _, ...environment } = process.env
  const child = spawn(process.execPath, scripts.start.split(' ').slice(1), {
    cwd: fileURLToPath(folder),
    env: { ...environment, NODE_ENV: mode, PORT: '0', ...(mailUrl !== undefined && { MAIL_URL: mailUrl }) },
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const address = /listening on (\S+:\d+)/.exec(output)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
    child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${output}`)))
  })
  const program: Program = {
    async [Symbol.asyncDispose]() {
      await program.terminate()
    },
    get: (path) => fetch(`${url}${path}`, { headers: { connection: 'close' } }),
    post: (path, body = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify(body),
      }),
    output: () => output,
    async terminate() {
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
      const ended = isOver() ? undefined : once(child, 'close')
      child.kill('SIGTERM')
      await ended
      return child.exitCode ?? child.signalCode
    },
  }
  return program
}
