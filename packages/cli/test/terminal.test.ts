import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SOURCE_FLAGS } from './cli.ts'
import { loudmailPty, startPty, type Pty, type PtyOptions } from './pty.ts'

const TRY = fileURLToPath(new URL('try-terminal.ts', import.meta.url))

/** Runs a command of `try-terminal.ts` in a terminal. */
const trying = (args: readonly string[], options?: PtyOptions): Pty =>
  startPty([process.execPath, ...SOURCE_FLAGS, TRY, ...args], options)

const longestLine = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\r\n')
      .map((line) => line.length),
  )

describe('in a terminal', () => {
  it('the help has colours', async () => {
    await using terminal = loudmailPty(['--help'])
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).toContain('\x1b[1mUsage:\x1b[22m')
    expect(terminal.output).toContain('\x1b[36m-h, --help\x1b[39m')
  })

  it('the help has no colours under NO_COLOR', async () => {
    await using terminal = loudmailPty(['--help'], { env: { NO_COLOR: '1' } })
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).toContain('Usage: loudmail')
    expect(terminal.output).not.toContain('\x1b')
  })

  it('errors have colours', async () => {
    await using terminal = loudmailPty(['--versoin'])
    expect(await terminal.ended).toBe(2)
    expect(terminal.output).toContain("\x1b[31mloudmail:\x1b[39m unknown option '--versoin'.")
  })

  it.each([50, 120])('the help fits into %d columns', async (columns) => {
    await using terminal = loudmailPty(['--help'], { columns })
    await terminal.ended
    expect(longestLine(terminal.output)).toBeLessThanOrEqual(Math.min(columns, 100))
    // It also uses them: the description is longer than either.
    expect(longestLine(terminal.output)).toBeGreaterThan(Math.min(columns, 100) * 0.7)
  })

  it('what comes after the window was resized fits into its new size', async () => {
    await using terminal = trying(['width'], { columns: 60 })
    terminal.type('\r')
    expect(longestLine(await terminal.sees('60 columns'))).toBe(59)
    terminal.resize(40, 24)
    // The program hears of the new size by a signal, which may come after the next key.
    let shown: string
    do {
      terminal.type('\r')
      shown = await terminal.sees(/\d+ columns/)
    } while (!shown.includes('40 columns'))
    expect(longestLine(shown)).toBe(39)
  })

  it('Ctrl-C ends a long command with 130, on a line of its own', async () => {
    await using terminal = trying(['wait'])
    await terminal.sees('waiting\r\n')
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    expect(terminal.output).toBe('waiting\r\n^C\r\nstopping\r\n')
  })
})

describe('a password that is asked for', () => {
  it('is not shown when it is typed, and not printed later', async () => {
    await using terminal = trying(['ask'])
    await terminal.sees('Password: ')
    terminal.type('hunter22\r')
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).toBe('Password: \r\nit has 8 characters: <redacted>\r\n')
  })

  it('can be corrected with Backspace', async () => {
    await using terminal = trying(['ask'])
    await terminal.sees('Password: ')
    terminal.type('hunter22xy\x7f\x7f\r')
    await terminal.sees('it has 8 characters')
  })

  it('is not offered again by the Up key', async () => {
    await using terminal = trying(['ask', '--twice'])
    await terminal.sees('Password: ')
    terminal.type('hunter22\r')
    await terminal.sees('Another one: ')
    terminal.type('\x1b[Aabc\r')
    await terminal.sees('then 3')
  })

  it('can be refused with Ctrl-C: it ends with 130, and the terminal shows again what is typed', async () => {
    await using terminal = startPty([
      'bash',
      '--norc',
      '-c',
      `"$0" "$@"; echo "status $?"; stty -a`,
      process.execPath,
      ...SOURCE_FLAGS,
      TRY,
      'ask',
    ])
    await terminal.sees('Password: ')
    expect(terminal.hasEcho).toBe(false)
    terminal.type('hunt\x03')
    await terminal.sees('\r\nstatus 130\r\n')
    await terminal.ended
    expect(terminal.output).toMatch(/ icanon /)
    expect(terminal.output).toMatch(/ echo /)
    expect(terminal.output).not.toContain('hunt')
  })

  it.each([
    ['Ctrl-D', '\x04'],
    ['Enter', '\r'],
  ])('%s alone is an error', async (_, key) => {
    await using terminal = trying(['ask'])
    await terminal.sees('Password: ')
    terminal.type(key)
    expect(await terminal.ended).toBe(2)
    expect(stripVTControlCharacters(terminal.output)).toBe(
      'Password: \r\nloudmail: no password was typed\r\n',
    )
  })
})
