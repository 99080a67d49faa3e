import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Terminal as XtermTerminal } from '@xterm/xterm'
import type { Browser } from 'playwright-core'

const { resolve } = createRequire(import.meta.url)
const SCRIPT = readFileSync(resolve('@xterm/xterm/lib/xterm.js'), 'utf8')
const STYLE = readFileSync(resolve('@xterm/xterm/css/xterm.css'), 'utf8')

const PAGE = `<style>${STYLE}
  body { margin: 0; background: #1b1d23 }
  #terminal { display: inline-block; padding: 14px 16px; background: #1b1d23 }
  .xterm-viewport { overflow: hidden !important }
</style><div id="terminal"></div>`

export interface TerminalPicture {
  readonly columns: number
  readonly rows: number
  /** What a program wrote to its terminal, with all escape sequences. */
  readonly output: string
  /** Where the picture goes, a `.png`. Without it, nothing is written. */
  readonly path?: string | undefined
}

/** Shows what a program wrote as a terminal shows it, and takes a picture. Returns the text of its lines. */
export async function pictureTerminal(
  browser: Browser,
  { columns, rows, output, path }: TerminalPicture,
): Promise<string[]> {
  const page = await browser.newPage({ deviceScaleFactor: 2 })
  try {
    await page.setContent(PAGE)
    await page.addScriptTag({ content: SCRIPT })
    const lines = await page.evaluate(
      async ([cols, height, text]) => {
        const { Terminal } = globalThis as unknown as { Terminal: typeof XtermTerminal }
        const terminal = new Terminal({
          cols,
          rows: height,
          fontFamily: '"DejaVu Sans Mono", monospace',
          fontSize: 14,
          lineHeight: 1.2,
          cursorInactiveStyle: 'none',
          theme: { background: '#1b1d23', foreground: '#d9dce3' },
        })
        terminal.open(document.querySelector('#terminal')!)
        await new Promise<void>((done) => terminal.write(text, done))
        // What was written is drawn in the next frame.
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        const { active } = terminal.buffer
        return Array.from(
          { length: height },
          (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
        )
      },
      [columns, rows, output] as const,
    )
    if (path !== undefined) await page.locator('#terminal').screenshot({ path })
    return lines
  } finally {
    await page.close()
  }
}
