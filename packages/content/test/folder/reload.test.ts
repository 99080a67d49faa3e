import { rename, rm, symlink, utimes } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { handlebars } from '../../src/handlebars/index.ts'
import { render } from '../../src/index.ts'
import { contentOf, failureOf } from './content-of.ts'
import { countingEngine } from './counting-engine.ts'
import { folderOf } from './folder-of.ts'

const FILES = {
  'welcome.hbs': '<p>{{> partials/name}}</p>',
  'welcome.text.hbs': 'Hello {{name}}',
  'receipt.hbs': '<p>{{total}}</p>',
  'partials/name.hbs': '<b>{{name}}</b>',
}
const ANN = { name: 'Ann' }

describe('in development', () => {
  it('nothing is compiled again while nothing is saved', async () => {
    await using folder = await folderOf(FILES)
    const engine = countingEngine()
    const mail = render({ engine, folder: folder.path, reload: true })
    for (let time = 0; time < 3; time++) await contentOf(mail('welcome', ANN))
    expect(engine.compiled).toEqual([folder.at('welcome.hbs'), folder.at('welcome.text.hbs')])
  })

  it('a file that is saved is compiled again, and nothing else', async () => {
    await using folder = await folderOf(FILES)
    const engine = countingEngine()
    const mail = render({ engine, folder: folder.path, reload: true })
    await contentOf(mail('welcome', ANN))
    await contentOf(mail('receipt', { total: 3 }))
    engine.compiled.length = 0

    await folder.write('welcome.text.hbs', 'Hi {{name}}')
    expect(await contentOf(mail('welcome', ANN))).toMatchObject({ text: 'Hi Ann' })
    await contentOf(mail('welcome', ANN))
    await contentOf(mail('receipt', { total: 3 }))
    expect(engine.compiled).toEqual([folder.at('welcome.text.hbs')])
  })

  it('a partial that is saved makes what includes it be compiled again', async () => {
    await using folder = await folderOf(FILES)
    const engine = countingEngine()
    const mail = render({ engine, folder: folder.path, reload: true })
    await contentOf(mail('welcome', ANN))
    await contentOf(mail('receipt', { total: 3 }))
    engine.compiled.length = 0

    await folder.write('partials/name.hbs', '<i>{{name}}</i>')
    expect(await contentOf(mail('welcome', ANN))).toMatchObject({ html: '<p><i>Ann</i></p>' })
    await contentOf(mail('welcome', ANN))
    await contentOf(mail('receipt', { total: 3 }))
    expect(engine.compiled).toEqual([folder.at('welcome.hbs')])
  })

  it('a file that cannot be reached is a failure with its file', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: countingEngine(), folder: folder.path, reload: true })
    await contentOf(mail('receipt', { total: 3 }))
    await rm(folder.at('receipt.hbs'))
    await symlink(folder.at('receipt.hbs'), folder.at('receipt.hbs'))
    expect(await failureOf(mail('receipt', { total: 3 }))).toMatchObject({
      code: 'compose/template',
      location: { file: folder.at('receipt.hbs') },
    })
  })

  it('a byte order mark is no part of a file, and no reason to compile it again', async () => {
    const mark = '\uFEFF'
    await using folder = await folderOf({
      'welcome.hbs': `${mark}{{> partials/name}}`,
      'welcome.text.hbs': `${mark}{{name}}`,
      'partials/name.hbs': `${mark}<b>{{name}}</b>`,
      'broken.hbs': `${mark}  {{nobody}}`,
    })
    const engine = countingEngine()
    const mail = render({ engine, folder: folder.path, reload: true })
    for (let time = 0; time < 3; time++)
      expect(await contentOf(mail('welcome', ANN))).toMatchObject({ html: '<b>Ann</b>', text: 'Ann' })
    expect(engine.compiled).toHaveLength(2)
    expect(await failureOf(mail('broken', ANN))).toMatchObject({ location: { line: 1, column: 5 } })
  })

  it('a file that is saved with the same text is not compiled again', async () => {
    await using folder = await folderOf(FILES)
    const engine = countingEngine()
    const mail = render({ engine, folder: folder.path, reload: true })
    await contentOf(mail('receipt', { total: 3 }))
    await folder.write('receipt.hbs', FILES['receipt.hbs'])
    await contentOf(mail('receipt', { total: 3 }))
    expect(engine.compiled).toHaveLength(1)
  })

  it('two saves in one tick of the clock of the file system both count', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    const now = new Date()
    for (const text of ['one', 'two', 'six']) {
      await folder.write('receipt.hbs', text)
      await utimes(folder.at('receipt.hbs'), now, now)
      expect(await contentOf(mail('receipt', {}))).toMatchObject({ html: text })
    }
  })

  it('a new file for a language is used, and a deleted one is not', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    const german = mail('receipt', { total: 3 }, { locale: 'de' })
    expect(await contentOf(german)).toMatchObject({ html: '<p>3</p>' })
    await folder.write('receipt.de.hbs', '<p>Summe {{total}}</p>')
    expect(await contentOf(german)).toMatchObject({ html: '<p>Summe 3</p>' })
    await rm(folder.at('receipt.de.hbs'))
    expect(await contentOf(german)).toMatchObject({ html: '<p>3</p>' })
    await rm(folder.at('receipt.hbs'))
    expect(await failureOf(german)).toMatchObject({ code: 'compose/template' })
  })

  it('a new partial for the language of a template is used', async () => {
    await using folder = await folderOf({ ...FILES, 'welcome.de.hbs': '{{> partials/name}}' })
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    const german = mail('welcome', ANN, { locale: 'de' })
    expect(await contentOf(german)).toMatchObject({ html: '<b>Ann</b>' })
    await folder.write('partials/name.de.hbs', '<b>Frau {{name}}</b>')
    expect(await contentOf(german)).toMatchObject({ html: '<b>Frau Ann</b>' })
  })

  it('a partial that is deleted is missed, and found again', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    await contentOf(mail('welcome', ANN))
    await rm(folder.at('partials/name.hbs'))
    expect((await failureOf(mail('welcome', ANN))).message).toContain('there is no "partials/name"')
    await folder.write('partials/name.hbs', 'back')
    expect(await contentOf(mail('welcome', ANN))).toMatchObject({ html: '<p>back</p>' })
  })

  it('a save by renaming counts', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    await contentOf(mail('receipt', { total: 3 }))
    await folder.write('receipt.hbs.tmp', '<p>new</p>')
    await rename(folder.at('receipt.hbs.tmp'), folder.at('receipt.hbs'))
    expect(await contentOf(mail('receipt', { total: 3 }))).toMatchObject({ html: '<p>new</p>' })
  })

  it('a file that is saved while it is compiled is compiled again', async () => {
    await using folder = await folderOf(FILES)
    const plain = handlebars()
    const save = vi.fn<() => Promise<void>>(() => folder.write('receipt.hbs', '<p>second</p>'))
    const engine = {
      ...plain,
      async compile(source: Parameters<typeof plain.compile>[0]) {
        const part = await plain.compile(source)
        if (save.mock.calls.length === 0) await save()
        return part
      },
    }
    const mail = render({ engine, folder: folder.path, reload: true })
    expect(await contentOf(mail('receipt', { total: 3 }))).toMatchObject({ html: '<p>3</p>' })
    expect(await contentOf(mail('receipt', { total: 3 }))).toMatchObject({ html: '<p>second</p>' })
  })

  it('a template that was broken is fine once it is saved', async () => {
    await using folder = await folderOf({ 'receipt.hbs': '{{#if' })
    const mail = render({ engine: handlebars(), folder: folder.path, reload: true })
    expect((await failureOf(mail('receipt', {}))).location).toMatchObject({ line: 1 })
    await folder.write('receipt.hbs', 'fine')
    expect(await contentOf(mail('receipt', {}))).toMatchObject({ html: 'fine' })
  })
})

describe('in production', () => {
  it('nothing is read again, not even a folder that is gone', async () => {
    await using folder = await folderOf(FILES)
    const mail = render({ engine: handlebars(), folder: folder.path, reload: false })
    const first = await contentOf(mail('welcome', ANN))
    await rm(folder.path, { recursive: true })
    expect(await contentOf(mail('welcome', ANN))).toEqual(first)
  })

  it('a thousand renders at once compile once', async () => {
    await using folder = await folderOf(FILES)
    const engine = countingEngine()
    for (const reload of [false, true]) {
      engine.compiled.length = 0
      const mail = render({ engine, folder: folder.path, reload, makeText: false })
      await Promise.all(Array.from({ length: 1000 }, () => contentOf(mail('receipt', { total: 3 }))))
      expect(engine.compiled).toEqual([folder.at('receipt.hbs')])
    }
  })
})
