import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Previews } from '@loudmail/content/previews'
import type { ShownPreviews } from '@loudmail/debug'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { loudmail } from '../cli.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { runningDev } from './running-dev.ts'

const IMPORTS = `
  import { template } from '@loudmail/content'
  import { previews } from '@loudmail/content/previews'
  const welcome = template(({ name }) => ({ subject: 'Welcome, ' + name, html: '<p>Hello ' + name + '</p>' }))
  const shown = previews({ welcome: welcome({ name: 'Ann' }) })`

async function samplesOf(inbox: string): Promise<unknown> {
  const { samples } = (await (await fetch(`${inbox}previews/api/samples`)).json()) as {
    samples: { template: string; url: string }[]
  }
  return Promise.all(samples.map(async ({ url }) => (await fetch(new URL(url, inbox))).json()))
}

describe('--previews', () => {
  it('takes what previews() returns', () => {
    expectTypeOf<Previews>().toExtend<ShownPreviews>()
  })

  it.each([
    ['the default export', 'previews.mjs', 'export default shown'],
    ['a function that makes them', 'previews.mjs', 'export default async () => shown'],
    ['an export of that name', 'previews.js', 'export { shown as previews }'],
    ['TypeScript', 'previews.ts', 'export default shown as object'],
  ])('shows templates with sample data in the inbox: %s', async (_, file, line) => {
    const cwd = temporaryFolder({ [file]: `${IMPORTS}\n${line}`, 'package.json': '{"type":"module"}' })
    const dev = await runningDev(['--previews', `./${file}`], { cwd })
    expect(dev.output.stdout).toContain(`  previews    ${dev.inbox}previews/\n`)
    expect(await samplesOf(dev.inbox)).toMatchObject([
      { template: 'welcome', subject: 'Welcome, Ann', html: '<p>Hello Ann</p>' },
    ])
    expect(await (await fetch(`${dev.inbox}previews/`)).text()).toContain('welcome')
    expect(await dev.stop()).toBe(0)
  })

  it('renews them when a file of a template is saved', async () => {
    const cwd = temporaryFolder({
      'previews.mjs': `
        import { readFileSync } from 'node:fs'
        import { previews } from '@loudmail/content/previews'
        const welcome = () => ({ subject: readFileSync('subject.txt', 'utf8'), text: 'Hello' })
        export default previews({ welcome }, { watch: '.' })`,
      'subject.txt': 'Before',
    })
    const dev = await runningDev(['--previews', 'previews.mjs'], { cwd })
    const events = await fetch(`${dev.inbox}previews/events`)
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
    await reader.read()
    writeFileSync(join(cwd, 'subject.txt'), 'After')
    await reader.read()
    expect(await samplesOf(dev.inbox)).toMatchObject([{ subject: 'After' }])
    await reader.cancel()
  })

  it('leaves standard output to the mails with --json, whatever the file prints', async () => {
    const text = `${IMPORTS}\nconsole.log('with ' + process.env.DB_PASSWORD)\nexport default shown`
    const cwd = temporaryFolder({ 'previews.mjs': text })
    const args = ['--json', '--previews', 'previews.mjs']
    const dev = await runningDev(args, { cwd, env: { DB_PASSWORD: 'hush-hush-99' } })
    expect(dev.output.stdout).toBe('')
    expect(dev.output.stderr).toContain('with <redacted>\n')
  })

  it.each([
    ['is missing', undefined, 'there is no such file'],
    [
      'throws',
      `\n\nthrow new Error('no ' + process.env.DB_PASSWORD)`,
      'the file cannot be loaded: no <redacted> (line 3). Correct the file',
    ],
    ['is not valid', 'const = 1', 'the file cannot be loaded: Unexpected token'],
    [
      'gives options that previews() refuses',
      `import { previews } from '@loudmail/content/previews'\nexport default previews({}, { deadlineMs: 'soon' })`,
      'deadlineMs of previews() must be a number, 1 or more (line 2). Correct the option',
    ],
    [
      'exports something else',
      'export default { welcome: 1 }',
      'it exports an object with welcome, which is not what previews() returns. Write `export default previews({ … })`',
    ],
    ['exports a number', 'export default 42', 'it exports a number, which is not what previews() returns'],
    [
      'has other exports',
      'export const welcome = 1, goodbye = 2',
      'the file has no default export and no export named previews: it exports goodbye, welcome',
    ],
  ])('says what is wrong with a file that %s', async (_, text, words) => {
    const cwd = temporaryFolder(text === undefined ? {} : { 'previews.mjs': text })
    const args = ['dev', '--smtp-port', '0', '--http-port', '0', '--previews', './previews.mjs']
    const { stdout, stderr, status } = await loudmail(args, { cwd, env: { DB_PASSWORD: 'hush-hush-99' } })
    expect(stderr).toMatch(/^loudmail: --previews \.\/previews\.mjs: /)
    expect(stderr).toContain(words)
    expect(stderr + stdout).not.toContain('hush')
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it('says so if a file ends the program, or never ends to load', async () => {
    const cwd = temporaryFolder({ 'a.mjs': 'process.exit(0)', 'b.mjs': 'await new Promise(() => {})' })
    const ending = await loudmail(['dev', '--previews', 'a.mjs'], { cwd })
    expect(ending).toMatchObject({ stderr: expect.stringContaining('a.mjs ended the program'), status: 1 })
    const waiting = await loudmail(['dev', '--previews', 'b.mjs'], { cwd })
    expect(waiting).toMatchObject({ stderr: expect.stringContaining('b.mjs is never loaded'), status: 1 })
  })

  it('does not let a file keep the program alive', async () => {
    const cwd = temporaryFolder({
      'previews.mjs': `${IMPORTS}\nsetInterval(() => {}, 1_000)\nexport default shown`,
    })
    const dev = await runningDev(['--previews', 'previews.mjs'], { cwd })
    const closed = once(dev.child, 'close')
    dev.child.kill('SIGTERM')
    expect(await closed).toEqual([0, null])
  })
})
