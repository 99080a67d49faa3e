import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { previews } from '@loudmail/content/previews'
import { expect, it } from 'vitest'

const require = createRequire(import.meta.url)

it('the script of axe-core is the one that is installed', async () => {
  const isTheSame =
    (await previews({}).axe()) === readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
  expect(isTheSame).toBe(true)
})

it('it is found from the folder of the program, and there may be none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'axe-'))
  try {
    // As a package that does not see the dependencies of the program.
    copyFileSync(new URL('../../src/previews/axe.ts', import.meta.url), join(folder, 'axe.ts'))
    const program = `
      const { axeScript } = await import('./axe.ts')
      const without = await axeScript()
      process.chdir(${JSON.stringify(fileURLToPath(new URL('../../', import.meta.url)))})
      console.log(without, (await axeScript()).slice(0, 7))
    `
    const { NODE_PATH: _, ...env } = process.env
    const options = ['--input-type=module', '--no-warnings', '--experimental-strip-types']
    const said = execFileSync(process.execPath, [...options, '-e', program], { cwd: folder, env })
    expect(String(said)).toBe('undefined /*! axe\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
