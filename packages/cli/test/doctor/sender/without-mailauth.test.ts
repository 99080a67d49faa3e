import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url))
const CORE = fileURLToPath(new URL('../../../../core', import.meta.url))

test('where mailauth is not installed, one sentence says how to install it', async () => {
  // A copy of the sources in a folder with no package but core.
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-sender-'))
  try {
    cpSync(SOURCES, join(folder, 'src'), { recursive: true })
    mkdirSync(join(folder, 'node_modules/@loudmail'), { recursive: true })
    symlinkSync(CORE, join(folder, 'node_modules/@loudmail/core'))
    const program = `
      const { examineSender } = await import('./src/doctor/sender/examine-sender.ts')
      await examineSender('example.com', { signal: new AbortController().signal })
        .catch(({ name, message }) => console.log(name, message))`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@loudmail/source', '--input-type=module', '--eval', program],
      { cwd: folder },
    )
    expect(stdout).toMatch(/^UsageError --sender needs the package mailauth: .*npm install mailauth.*\n$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
