import { describe, expect, it } from 'vitest'
import { loudmail } from './cli.ts'

/** Tells on standard error which of our packages a program loads. */
const TELL = `
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('@loudmail/')) process.stderr.write(\`loads \${specifier}\\n\`)
      return next(specifier, context)
    },
  })`
const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL)}` }

const commandsIn = async (...path: string[]): Promise<string[]> => {
  const { stdout } = await loudmail([...path, '--help'])
  return [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!)
}
const commands = await commandsIn()
const ofOutbox = await commandsIn('outbox')

describe('it starts quickly, because it loads no other package for', () => {
  it.each([
    ['--version'],
    ['--help'],
    ...commands.map((name) => [name, '--help']),
    ...ofOutbox.map((name) => ['outbox', name, '--help']),
  ])('%s %s %s', async (...args) => {
    const { stderr, status } = await loudmail(args.filter(Boolean), { env })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('these alone: a command loads what it needs', async () => {
    const { stderr } = await loudmail(['completion', 'bash'], { env })
    expect(stderr).toContain('loads @loudmail/core')
  })
})
