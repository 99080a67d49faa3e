import { runInThisContext } from 'node:vm'
import { Mailer, memory, type MailError, type TemplateContent } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { template } from '../../src/index.ts'
import { renderComplete } from '../../src/missing/render-complete.ts'

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@rcpt.example' } })

interface Data {
  user?: { name?: string; nick?: string; files?: string[] }
  items?: { name: string; price?: string }[]
  url?: string
  note?: string | undefined | null
  style?: string
  children?: string
}

async function made(make: (data: Data) => unknown, data: unknown): Promise<TemplateContent> {
  const filled = template(async (values: Data) => ({ html: String(await make(values)), text: 'x' }))(
    data as Data,
  )
  return filled({ signal: new AbortController().signal })
}

async function failure(make: (data: Data) => unknown, data: unknown): Promise<MailError> {
  return made(make, data).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: MailError) => error,
  )
}

describe('a value that a function prints and that is not in the data', () => {
  it('fails with its name, file, line, column and excerpt', async () => {
    const error = await failure(({ user }) => `<p>Hello ${user!.name}</p>`, { user: {} })
    expect(error.message).toContain('user.name is missing in the data')
    expect(error).toMatchObject({
      code: 'compose/template',
      location: {
        file: import.meta.filename,
        line: expect.any(Number),
        column: expect.any(Number),
        excerpt: expect.stringMatching(/^> +\d+ \|.*user!\.name/m),
      },
    })
  })

  it.each<[string, (data: Data) => unknown, unknown, string]>([
    [
      'of a list',
      (d) =>
        d
          .items!.map((item) => item.price)
          .map(String)
          .join(),
      { items: [{}] },
      'items[0].price',
    ],
    ['after the end of a list', (d) => `${d.user!.files![3]}`, { user: { files: [] } }, 'user.files[3]'],
    ['in a URL', (d) => `<a href="https://a.example/?q=${encodeURIComponent(d.url!)}">x</a>`, {}, 'url'],
    ['with another name', (d) => `${(d as Record<string, string>)['first-name']}`, {}, '["first-name"]'],
    ['beside one with a default', (d) => `${d.note ?? 'none'} ${d.url}`, {}, 'url'],
    ['behind a condition on another', (d) => (d.note ? 'note' : `${d.url}`), {}, 'url'],
    ['beside one that is used otherwise', (d) => `${d.items?.map(() => '').length} ${d.url}`, {}, 'url'],
    ['after a wait', async (d) => Promise.resolve().then(() => `${d.url}`), {}, 'url'],
    ['in capitals', (d) => `<p>${String(d.url).toUpperCase()}</p>`, {}, 'url'],
    ['in capitals of a method', (d) => `<p>${d.url?.toUpperCase()}</p>`, {}, 'url'],
    ['escaped', (d) => `<p>${String(d.url).replaceAll('&', '&amp;')}</p>`, {}, 'url'],
    ['in a frozen object', (d) => `${d.user!.name}`, Object.freeze({ user: Object.freeze({}) }), 'user.name'],
    ['in an object without a prototype', (d) => `${d.url}`, Object.create(null), 'url'],
  ])('%s is missing', async (_, make, data, path) => {
    expect((await failure(make, data)).message).toContain(`${path} is missing in the data`)
  })

  it('is found in the subject, in the text and in a header', async () => {
    const signal = new AbortController().signal
    const context = { signal }
    for (const make of [
      (d: Data) => ({ subject: `Hi ${d.url}`, html: 'x' }),
      (d: Data) => ({ text: `Hi ${d.url}` }),
      (d: Data) => ({ text: 'x', headers: { 'X-Url': `${d.url}` } }),
    ])
      await expect(template(make)({})(context)).rejects.toThrow('url is missing in the data')
  })

  it('is found in the functions of a template with parts', async () => {
    const welcome = template<Data>({ subject: (d) => `Hi ${d.url}`, text: 'x' })
    await expect(mailer.send({ template: welcome({}) })).rejects.toMatchObject({
      code: 'compose/template',
      location: { file: import.meta.filename },
    })
  })
})

describe('a value that is not in the data is no failure', () => {
  it.each<[string, (data: Data) => unknown, unknown, string]>([
    ['with a default', ({ note = 'none' }) => note, {}, 'none'],
    ['with a default that is empty', (d) => `a${d.note ?? ''}b`, {}, 'ab'],
    ['with the word undefined elsewhere', (d) => `undefined ${d.note ?? 'none'}`, {}, 'undefined none'],
    ['in a condition', (d) => (d.note ? 'yes' : 'undefined'), {}, 'undefined'],
    ['that is undefined on purpose', (d) => `${d.note}`, { note: undefined }, 'undefined'],
    ['that is null on purpose', (d) => `${d.note}`, { note: null }, 'null'],
    ['whose second rendering throws', (d) => (d.note ? notThere() : `${d.note}`), {}, 'undefined'],
  ])('%s', async (_, make, data, html) => {
    expect((await made(make, data)).html).toBe(html)
  })

  it('and a template whose output is random is not failed for it', async () => {
    await expect(made((d) => `${Math.random()} undefined ${d.note ?? ''}`, {})).resolves.toBeDefined()
  })
})

describe('the data of a function behaves as it is', () => {
  class User {
    #name = 'Ann'
    get name(): string {
      return this.#name
    }
  }
  const data = {
    list: [3, 1, 2],
    nested: { deep: Object.freeze({ list: Object.freeze([{ a: 1 }]) }) },
    map: new Map([['a', 1]]),
    set: new Set([1]),
    date: new Date(0),
    user: new User(),
    bytes: Buffer.from('abc'),
    match: /(?<word>b)/.exec('abc'),
    get late(): number {
      return this.list.length
    },
    again: undefined as unknown,
  }
  data.again = data

  it.each<[string, (d: typeof data) => unknown]>([
    ['Array.isArray', (d) => Array.isArray(d.list)],
    ['spreading', (d) => [...d.list, ...Object.keys({ ...d.nested })]],
    ['JSON', (d) => JSON.stringify([d.list, d.nested, d.date, d.bytes])],
    ['iteration', (d) => Array.from(d.list, (value) => value * 2)],
    ['methods of lists', (d) => d.list.map(String).filter(Boolean).toSorted().join()],
    ['sorting a frozen list of objects', (d) => d.nested.deep.list.map(({ a }) => a)],
    ['entries', (d) => Object.entries(d.nested.deep)],
    ['a Map, a Set and a Date', (d) => [d.map.get('a'), d.set.has(1), d.date.getTime()]],
    ['an object of a class', (d) => [d.user.name, d.user instanceof User]],
    ['bytes', (d) => d.bytes.toString()],
    [
      'the result of a regular expression',
      (d) => [d.match!.index, d.match!.groups!['word'], d.match!.length],
    ],
    ['a getter', (d) => d.late],
    ['in', (d) => ['list' in d, 'nothing' in d, Object.hasOwn(d, 'list')]],
    ['identity and circles', (d) => [d.again === d, d.list === d.list, d.list.includes(3)]],
    ['concat', (d) => [0].concat(d.list).length],
    ['typeof and text', (d) => [typeof d, Object.prototype.toString.call(d.nested), String(d.list)]],
  ])('%s', async (_, use) => {
    const seen: unknown[] = []
    await renderComplete(data, {
      render: async (watched) => void seen.push(use(watched as typeof data)),
      textOf: () => '',
      omitsUndefined: true,
    })
    expect(seen).toEqual([use(data)])
  })

  it('can be changed as before, and has no watched values afterwards', async () => {
    const values = { list: [{ a: 1 }, { a: 2 }], first: undefined as unknown }
    await renderComplete(values, {
      render: async (watched) => {
        const all = watched as typeof values
        all.list.push(all.list.shift()!)
        all.first = all.list[0]
      },
      textOf: () => '',
      omitsUndefined: true,
    })
    expect(values.list).toEqual([{ a: 2 }, { a: 1 }])
    expect(structuredClone(values).first).toEqual({ a: 2 })
  })

  it('may have a property that cannot be changed', async () => {
    const values = Object.defineProperty({}, 'user', { value: { name: 'Ann' } })
    expect((await made((d) => d.user!.name, values)).html).toBe('Ann')
  })

  it('may be part of the content', async () => {
    const invoice = template((d: { files: { filename: string; content: Buffer }[]; url?: string }) => ({
      text: `see${d.url ? d.url : ''}`,
      attachments: d.files,
    }))
    const { attachments } = await invoice({ files: [{ filename: 'a.txt', content: Buffer.from('a') }] })({
      signal: new AbortController().signal,
    })
    expect(structuredClone(attachments)).toMatchObject([{ filename: 'a.txt' }])
  })

  it('may be given to what takes no proxies', async () => {
    expect((await made((d) => structuredClone(d.user)!.name, { user: { name: 'Ann' } })).html).toBe('Ann')
  })

  it('may be a text, a list or nothing', async () => {
    for (const value of ['a', ['a'], 1]) expect((await made(String, value)).html).toBe(String(value))
    expect((await made(() => 'x', undefined)).html).toBe('x')
  })

  it('renders once if the template throws', async () => {
    let times = 0
    const rendering = made((d) => {
      times++
      throw new Error(`no order ${String(d.note)}`)
    }, {})
    await expect(rendering).rejects.toThrow('no order undefined')
    expect(times).toBe(1)
  })

  it('renders once if nothing is missing, and if the word undefined is not printed', async () => {
    let times = 0
    await made((d) => (times++, d.note ?? ''), {})
    expect(times).toBe(1)
  })
})

describe('a component that prints nothing for undefined', () => {
  const render = (component: (d: Data) => string) => async (): Promise<string> =>
    renderComplete<string>(
      {},
      { render: async (d) => component(d as Data), textOf: (html) => html, omitsUndefined: true },
    )
  const child = (value: string | null | undefined): string =>
    (value ?? undefined) === undefined ? '' : `<!-- -->${value}<!-- -->`
  const attribute = (name: string, value: string | undefined): string =>
    value === undefined ? '' : ` ${name}="${value}"`

  it.each<[string, (d: Data) => string]>([
    ['as text', (d) => `<p>Hello <!-- -->${child(d.url)}!</p>`],
    ['between spaces', (d) => `<p>Hello &nbsp; ${child(d.url)} &nbsp;x</p>`],
    ['as an attribute', (d) => `<a class="b"${attribute('href', d.url)}>x</a>`],
    ['in an attribute', (d) => `<a href="https://a.example/${String(d.url)}">x</a>`],
    ['in a preview that is filled up', (d) => `<i>${fill(d.url)}</i>`],
    ['as a numeric character reference', (d) => `<p>${entities(d.url)}</p>`],
  ])('fails for a value that is missing %s', async (_, component) => {
    await expect(render(component)()).rejects.toThrow('url is missing in the data')
  })

  it.each<[string, (d: Data) => string]>([
    ['in a condition', (d) => `<p>${d.note ? `<b>${d.note}</b>` : ''}</p>`],
    ['with a default', (d) => `<p>${child(d.note ?? 'x')}</p>`],
    ['with an empty default', (d) => `<p>${child(d.note ?? '')}</p>`],
    ['with an empty default by or', (d) => `<p>${child(d.note || '')}</p>`],
    ['with an empty default in its pattern', ({ note = '' }) => `<p>${child(note)}</p>`],
    ['with an empty default and another name', ({ note: href = '' }) => `<p>${child(href)}</p>`],
    [
      'with an empty default further down',
      ({ note }) => {
        const shown = note ?? ''
        return `<p>${child(shown)}</p>`
      },
    ],
    ['that is nothing if it is not there', (d) => `<p>${child(d.note ? d.note : undefined)}</p>`],
    ['in an attribute of no consequence', (d) => `<p${attribute('class', d.style)}>x</p>`],
    ['named children', (d) => `<p>${child(d.children)}</p>`],
  ])('does not fail for a value %s', async (_, component) => {
    await expect(render(component)()).resolves.toContain('<p>')
  })

  it('does not fail if nobody can look into the source, because there may be a default', async () => {
    const component = runInThisContext('(d) => `<p>Hello ${d.note ?? ""}!</p>`') as (d: Data) => string
    await expect(render(component)()).resolves.toBe('<p>Hello !</p>')
  })
})

function fill(value = ''): string {
  return value.padEnd(90, ' \u200C')
}

function entities(value: string | undefined): string {
  return Array.from(value ?? '', (character) => `&#${character.codePointAt(0)};`).join('')
}

function notThere(): never {
  throw new Error('no such note')
}
