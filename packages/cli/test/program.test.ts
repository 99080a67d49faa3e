import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loudmail } from './cli.ts'

describe('the program', () => {
  it('prints its version', async () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect(await loudmail(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', status: 0 })
  })

  it('prints its help to standard output', async () => {
    const { stdout, stderr, status } = await loudmail(['--help'])
    expect(stdout).toContain('Usage: loudmail')
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('ends with 2 on an option that it does not have', async () => {
    const { stdout, stderr, status } = await loudmail(['--versoin'])
    expect(stderr).toContain("unknown option '--versoin'")
    expect(stderr).toContain('Did you mean --version?')
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })
})
