import { describe, expect, it } from 'vitest'
import { eta } from '../../src/eta/index.ts'
import { handlebars } from '../../src/handlebars/index.ts'
import type { TemplateEngine } from '../../src/index.ts'
import { folderOf } from './folder-of.ts'

const CONTEXT = { locale: undefined, signal: new AbortController().signal }

describe.each<[string, TemplateEngine, string]>([
  ['Handlebars', handlebars(), '{{> (lookup . "kind")}}'],
  ['Eta', eta(), '<%~ include(it.kind) %>'],
])('names of partials that come from data, in %s', (_, engine, text) => {
  it('are kept only if they have a file', async () => {
    const [extension] = engine.extensions
    await using folder = await folderOf({ [`tea${extension}`]: 'Tea' })
    const compiled = await engine.compile({
      part: 'html',
      text,
      file: folder.at(`mail${extension}`),
      folder: folder.path,
      locale: undefined,
    })
    const rendered = async (kind: string): Promise<string> => compiled.render({ kind }, CONTEXT)
    for (let number = 0; number < 50; number++)
      await expect(rendered(`coffee${number}`)).rejects.toThrow(`there is no "coffee${number}"`)
    expect(compiled.reads?.().size).toBe(0)
    expect(await rendered('tea')).toBe('Tea')
    expect([...compiled.reads!().keys()]).toEqual([folder.at(`tea${extension}`)])
    await folder.write(`coffee1${extension}`, 'Coffee')
    expect(await rendered('coffee1')).toBe('Coffee')
  })
})
