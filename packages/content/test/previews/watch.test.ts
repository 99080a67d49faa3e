import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { render, type TemplateEngine } from '@loudmail/content'
import { previews, type Previews } from '@loudmail/content/previews'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foldersOf } from '../../src/previews/watching/folders-of.ts'

let folder: string
let file: string
const ends: (() => void)[] = []
const warnings: string[] = []
const note = ({ message }: Error): void => void warnings.push(message)

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'watch-')))
  file = join(folder, 'welcome.html')
  writeFileSync(file, 'Tea')
  process.on('warning', note)
})

afterEach(() => {
  for (const end of ends.splice(0)) end()
  process.off('warning', note)
  warnings.length = 0
  rmSync(folder, { recursive: true, force: true })
})

/** Counts what it is told, and lets a test wait for the next time. */
class Changes {
  told = 0
  #waiting = Promise.withResolvers<void>()
  readonly changed = (): void => {
    this.told++
    this.#waiting.resolve()
  }

  /** Does something, and waits until it is told. */
  async after(act: () => void): Promise<number> {
    this.#waiting = Promise.withResolvers()
    act()
    await this.#waiting.promise
    return this.told
  }
}

function watched(all: Previews): Changes {
  const changes = new Changes()
  ends.push(all.watch(changes.changed))
  return changes
}

const ofFiles = (...files: string[]): Previews =>
  previews({ mail: Object.assign(() => ({ text: 'Tea' }), { files: () => files }) })

/** As editors do, so that no half of a file is ever there. */
function saveByRename(path: string): void {
  writeFileSync(`${path}~`, 'Tea?')
  renameSync(`${path}~`, path)
}

describe.each([
  ['a file of a template', () => ofFiles(file), 1],
  ['its folder', () => ofFiles(folder), 0],
  ['a path in the options', () => previews({}, { watch: file }), 1],
  ['a URL of a folder in the options', () => previews({}, { watch: [pathToFileURL(`${folder}/`)] }), 0],
])('%s', (_what, make, warningsOfRemoval) => {
  it('is watched, also after it was saved by renaming', async () => {
    const changes = watched(make())
    expect(await changes.after(() => writeFileSync(file, 'Milk'))).toBe(1)
    expect(await changes.after(() => saveByRename(file))).toBe(2)
    expect(await changes.after(() => saveByRename(file))).toBe(3)
    expect(await changes.after(() => writeFileSync(file, 'Tea'))).toBe(4)
    expect(warnings).toEqual([])
    expect(await changes.after(() => rmSync(file))).toBe(5)
    expect(await changes.after(() => writeFileSync(file, 'Tea'))).toBe(6)
    expect(warnings).toHaveLength(warningsOfRemoval)
  })
})

it('a template in a folder is shown anew after it was saved, and so is what it includes', async () => {
  const parts = join(folder, 'parts')
  mkdirSync(parts)
  writeFileSync(join(parts, 'name.txt'), 'Ann')
  const engine: TemplateEngine = {
    name: 'including',
    extensions: ['.html'],
    compile: ({ text }) => {
      const name = readFileSync(join(parts, 'name.txt'), 'utf8')
      return { render: () => text.replace('NAME', name), files: () => [join(parts, 'name.txt')] }
    },
  }
  writeFileSync(file, '<p>Hello NAME</p>')
  const all = previews({ mail: render({ engine, folder })('welcome', {}) })
  const text = async (): Promise<string | undefined> => (await all.show('mail', 'default'))?.text
  const changes = watched(all)
  expect(await text()).toBe('Hello Ann')
  await changes.after(() => writeFileSync(file, '<p>Good morning NAME</p>'))
  expect(await text()).toBe('Good morning Ann')
  await changes.after(() => writeFileSync(join(parts, 'name.txt'), 'Robert'))
  expect(await text()).toBe('Good morning Robert')
})

it('many saves at once are told once', async () => {
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  const changes = watched(ofFiles(file))
  const others = watched(ofFiles(elsewhere))
  const save = (): void => {
    for (let times = 0; times < 50; times++) saveByRename(file)
  }
  expect(await changes.after(save)).toBe(1)
  // Told later than all that was saved before.
  await others.after(() => saveByRename(join(elsewhere, 'tea.html')))
  expect(changes.told).toBe(1)
})

it('only files of templates count in their folder', async () => {
  const changes = watched(ofFiles(file))
  const others = watched(ofFiles(folder))
  // Who watches everything is told when the other one would have been.
  await others.after(() => writeFileSync(join(folder, 'other.html'), 'Milk'))
  expect(await changes.after(() => writeFileSync(file, 'Milk'))).toBe(1)
})

it('folders that are made later are watched', async () => {
  const changes = watched(previews({}, { watch: folder }))
  await changes.after(() => mkdirSync(join(folder, 'a/b'), { recursive: true }))
  await changes.after(() => writeFileSync(join(folder, 'a/b/new.html'), 'Tea'))
  await changes.after(() => saveByRename(join(folder, 'a/b/new.html')))
  await changes.after(() => rmSync(join(folder, 'a'), { recursive: true }))
  await changes.after(() => writeFileSync(file, 'Milk'))
  expect(warnings).toEqual([])
})

it('a folder that is removed costs one warning, and is watched again when it is back', async () => {
  const templates = join(folder, 'templates')
  mkdirSync(templates)
  const changes = watched(previews({}, { watch: templates }))
  for (let times = 0; times < 2; times++) {
    await changes.after(() => rmSync(templates, { recursive: true }))
    await changes.after(() => mkdirSync(templates))
    await changes.after(() => saveByRename(join(templates, 'new.html')))
  }
  await expect
    .poll(() => warnings)
    .toEqual([expect.stringContaining(`previews cannot watch ${templates}: Error: ENOENT`)])
})

it('a folder that is replaced by another one is watched', async () => {
  const templates = join(folder, 'templates')
  mkdirSync(templates)
  const changes = watched(previews({}, { watch: templates }))
  await changes.after(() => {
    renameSync(templates, join(folder, 'old'))
    mkdirSync(templates)
  })
  await changes.after(() => saveByRename(join(templates, 'new.html')))
  expect(warnings).toEqual([])
})

it('what is not there costs one warning, and is watched when it comes', async () => {
  const later = join(folder, 'later.html')
  const all = ofFiles('/no/such/folder/welcome.html', later)
  const changes = watched(all)
  await all.show('mail', 'default')
  await expect
    .poll(() => warnings)
    .toEqual([
      expect.stringContaining('previews cannot watch /no/such/folder/welcome.html: Error: ENOENT'),
      expect.stringContaining(`previews cannot watch ${later}: Error: ENOENT`),
    ])
  await changes.after(() => writeFileSync(later, 'Tea'))
  expect(warnings).toHaveLength(2)
})

it('files that a template knows only after it is rendered are watched', async () => {
  const files: string[] = []
  const all = previews({
    mail: Object.assign(() => (files.push(file), { text: 'Tea' }), { files: () => files }),
  })
  const changes = watched(all)
  await all.show('mail', 'default')
  await changes.after(() => writeFileSync(file, 'Milk'))
})

it('a template that cannot say its files does no harm', async () => {
  const files = (): never => {
    throw new Error('no files')
  }
  const changes = watched(previews({ mail: Object.assign(() => ({ text: 'Tea' }), { files }) }))
  await expect
    .poll(() => warnings)
    .toEqual([expect.stringContaining('previews cannot watch the files of a template: Error: no files')])
  expect(changes.told).toBe(0)
})

it('who has stopped is not told, and who throws does not keep others from being told', async () => {
  const all = ofFiles(file)
  const stopped = new Changes()
  const end = all.watch(stopped.changed)
  ends.push(
    all.watch(() => {
      throw new Error('no page')
    }),
  )
  const changes = watched(all)
  end()
  end()
  await changes.after(() => writeFileSync(file, 'Milk'))
  expect(stopped.told).toBe(0)
  await expect.poll(() => warnings).toEqual(['what watch() of previews calls threw: Error: no page'])
})

it('installed packages and old versions are not watched', () => {
  for (const name of ['a/b', 'node_modules/c', 'a/node_modules', '.git'])
    mkdirSync(join(folder, name), { recursive: true })
  const found = foldersOf([folder], () => {})
  expect([...found.keys()].filter((each) => each.startsWith(folder))).toEqual([
    folder,
    join(folder, 'a'),
    join(folder, 'a/b'),
  ])
})

it('a process that only watches ends', async () => {
  const program = `
    import { previews } from '@loudmail/content/previews'
    previews({}, { watch: ${JSON.stringify(folder)} }).watch(() => {})
    console.log('watching')
  `
  const options = [
    '--conditions=@loudmail/source',
    '--no-warnings',
    '--experimental-strip-types',
    '--input-type=module',
  ]
  const cwd = new URL('../../', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [...options, '-e', program], {
    cwd,
    timeout: 15_000,
  })
  expect(stdout).toBe('watching\n')
})
