import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loudmail, MAIN, SOURCE_FLAGS, type Run } from './cli.ts'

const TRY = fileURLToPath(new URL('try-terminal.ts', import.meta.url))
const SECRET = 'correct horse battery'

/** Runs a command of `try-terminal.ts`. */
const trying = (args: readonly string[], env: Record<string, string> = {}): Promise<Run> =>
  loudmail(args, { main: TRY, env })

describe('without a terminal', () => {
  it('the help has no colours, and lines of at most 80 columns', async () => {
    const { stdout } = await loudmail(['--help'], { env: { NO_COLOR: '' } })
    expect(stdout).not.toContain('\x1b')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('the help has colours with FORCE_COLOR', async () => {
    const { stdout } = await trying(['options', '--help'], { NO_COLOR: '', FORCE_COLOR: '1' })
    expect(stdout).toContain('\x1b[1mUsage:\x1b[22m')
    expect(stdout).toContain('\x1b[1mExamples:\x1b[22m')
  })

  it('a password that is missing is an error, not a question', async () => {
    const { stdout, stderr, status } = await trying(['ask'])
    expect(stderr).toBe('loudmail: a password is missing, and there is no terminal to ask for it\n')
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it('it ends quietly when nobody reads its output', async () => {
    const command = '"$0" "$@" --help | true; echo "status ${PIPESTATUS[0]}"'
    const shell = spawn('bash', ['-c', command, process.execPath, ...SOURCE_FLAGS, MAIN])
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    expect({ stdout, stderr }).toEqual({ stdout: 'status 1\n', stderr: '' })
  })

  it('Ctrl-C ends it with 130', async () => {
    const child = spawn(process.execPath, [...SOURCE_FLAGS, TRY, 'wait'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stderr = text(child.stderr)
    await once(child.stderr, 'data')
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(await stderr).toBe('waiting\nstopping\n')
  })
})

describe('a full disk', () => {
  it.runIf(existsSync('/dev/full'))('is named, and is not a mistake of ours', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [...SOURCE_FLAGS, MAIN, 'explain', '535'], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    const [stderr, [status]] = await Promise.all([text(child.stderr!), once(child, 'exit')])
    expect(stderr).toBe('loudmail: the output cannot be written: ENOSPC: no space left on device, write\n')
    expect(status).toBe(1)
  })
})

describe('a mistake of our own', () => {
  it.each(['crash', 'reject'])('is shown with its stack, and without secrets (%s)', async (command) => {
    const { stdout, stderr, status } = await trying([command])
    expect(stderr).toMatch(/^loudmail: \w*Error: .*<redacted>/)
    expect(stderr).toContain('try-terminal.ts:')
    expect(stderr).toContain('Please report it')
    expect(stderr).not.toContain(SECRET)
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
  })
})

describe('warnings', () => {
  it('are written without secrets; those about parts of Node are left out', async () => {
    const { stderr, status } = await trying(['warn'])
    expect({ stderr, status }).toEqual({ stderr: 'loudmail: warning: <redacted> is weak\n', status: 0 })
  })

  it('are left out with NODE_NO_WARNINGS', async () => {
    expect((await trying(['warn'], { NODE_NO_WARNINGS: '1' })).stderr).toBe('')
  })
})

describe('a wrong command line', () => {
  const hint = 'Run `loudmail options --help` for the options and examples.'

  it.each([
    [['options', '--jsn'], "unknown option '--jsn'. Did you mean --json?"],
    [['options', '--prot=hunter22'], "unknown option '--prot'. Did you mean --port?"],
    [['options', '--json=true'], "option '--json' does not take a value"],
    [
      ['options', '--port', 'smtp'],
      "option '--port <port>' argument 'smtp' is invalid. It must be a whole number.",
    ],
    [['options', 'smtp://localhost', '--port'], "option '--port <port>' needs a value"],
    [['options'], '<url> is missing: loudmail options [options] <url>'],
    [
      ['options', 'smtp://localhost', 'a', 'b'],
      "too many arguments for 'options'. Expected 1 argument but got 3: smtp://localhost, a, b. Put a text with spaces in quotes.",
    ],
  ])('%j: it says what to change', async (args, message) => {
    const { stdout, stderr, status } = await trying(args)
    expect(stderr).toBe(`loudmail: ${message}\n${hint}\n`)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it('a mistyped command has a suggestion', async () => {
    const { stderr, status } = await trying(['optoins'])
    expect(stderr).toBe(
      "loudmail: unknown command 'optoins'. Did you mean options?\nRun `loudmail --help` for the options and examples.\n",
    )
    expect(status).toBe(2)
  })

  it('without a command, it prints the help to standard error', async () => {
    const { stdout, stderr, status } = await trying([])
    expect(stderr).toContain('Usage: loudmail')
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it.each([
    'smtp://ann:hunter22@localhost',
    'smtp://ann:p@hunter22#/@localhost',
    'smtp://ann:h%75nter22@localhost',
  ])('the password of a URL is not in the error: %s', async (url) => {
    const { stderr } = await trying(['options', 'a', url])
    expect(stderr).toContain('too many arguments')
    expect(stderr).not.toMatch(/nter22/)
  })
})
