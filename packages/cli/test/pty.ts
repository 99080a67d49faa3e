import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MAIN, SOURCE_FLAGS, environmentOf } from './cli.ts'

const DRIVER = fileURLToPath(new URL('under_pty.py', import.meta.url))
const LONGEST_WAIT_MS = 10_000

export interface PtyOptions {
  /** @default 80 */
  readonly columns?: number
  /** @default 24 */
  readonly rows?: number
  /** Environment variables beside those of the tests. `TERM` is `xterm-256color`. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A program that runs under a pseudo-terminal. */
export interface Pty {
  /** All that the terminal got, with its escape sequences. Lines end with CR LF. */
  readonly output: string
  /** Waits until the output has a text, from where the last wait ended. Returns what came until then. */
  readonly sees: (text: string | RegExp) => Promise<string>
  /** Types: `\r` is Enter, `\x03` Ctrl-C, `\x04` Ctrl-D, `\x7f` Backspace, `\t` Tab. */
  readonly type: (text: string) => void
  readonly resize: (columns: number, rows: number) => void
  /** Whether the terminal showed what is typed when its program last wrote. */
  readonly hasEcho: boolean
  /** Resolves with the exit status when the program ends; below 0, it is the signal that ended it. */
  readonly ended: Promise<number>
  /** Ends the program if it still runs. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts the program from its sources under a pseudo-terminal. */
export function loudmailPty(args: readonly string[], options: PtyOptions = {}): Pty {
  return startPty([process.execPath, ...SOURCE_FLAGS, MAIN, ...args], options)
}

/** Starts any program under a pseudo-terminal. */
export function startPty(
  command: readonly string[],
  { columns = 80, rows = 24, env = {}, cwd }: PtyOptions = {},
): Pty {
  const driver = spawn('python3', [DRIVER, String(columns), String(rows), ...command], {
    cwd,
    env: { ...environmentOf(), TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  let seen = 0
  let hasEcho = true
  let status: number | undefined
  let hasEnded = false
  let changed = (): void => {}
  const decoder = new TextDecoder()
  createInterface({ input: driver.stdout }).on('line', (line) => {
    const news = JSON.parse(line) as { output?: string; echo?: boolean; status?: number }
    if (news.output !== undefined)
      output += decoder.decode(Buffer.from(news.output, 'base64'), { stream: true })
    hasEcho = news.echo ?? hasEcho
    status = news.status ?? status
    changed()
  })
  const closed = once(driver, 'close').then(() => {
    hasEnded = true
    changed()
  })
  const ended = closed.then(() => status ?? Number.NaN)
  const tell = (what: object): void => void driver.stdin.write(`${JSON.stringify(what)}\n`)
  driver.stdin.on('error', () => {})

  const sees = async (text: string | RegExp): Promise<string> => {
    const giveUp = AbortSignal.timeout(LONGEST_WAIT_MS)
    for (;;) {
      const news = output.slice(seen)
      const length = lengthUntil(text, news)
      if (length !== undefined) {
        seen += length
        return news.slice(0, length)
      }
      if (hasEnded || giveUp.aborted)
        throw new Error(`the terminal did not show ${String(text)}, but ${JSON.stringify(news)}`)
      await new Promise<void>((resolve) => {
        changed = resolve
        giveUp.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
  return {
    get output() {
      return output
    },
    get hasEcho() {
      return hasEcho
    },
    sees,
    type: (text) => tell({ type: text }),
    resize: (newColumns, newRows) => tell({ size: [newColumns, newRows] }),
    ended,
    [Symbol.asyncDispose]: async () => {
      driver.kill()
      await closed
    },
  }
}

/** How much of the output there is up to the end of what is looked for. */
function lengthUntil(wanted: string | RegExp, output: string): number | undefined {
  if (typeof wanted === 'string') {
    const start = output.indexOf(wanted)
    return start < 0 ? undefined : start + wanted.length
  }
  const found = wanted.exec(output)
  return found ? found.index + found[0].length : undefined
}
