import { sep } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { logTo, Mailer, MailError, memory, type Observer, type SourceLocation } from '../src/index.ts'
import { eventText, placeOf } from '../src/transport.ts'

const file = `${process.cwd()}${sep}templates${sep}welcome.hbs`
const shown = `templates${sep}welcome.hbs:3:12`
const excerpt = '  2 | <body>\n> 3 |   Hello {{nam}}\n    |          ^\n  4 | </body>'
const location = { file, line: 3, column: 12, excerpt }
const error = new MailError({ stage: 'compose', kind: 'template', summary: 'nam is missing', location })
const secret = 'https://ann:hunter2@db.example.com'

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

/** What happens where a template fails like this. */
async function failed(observe: Observer = () => {}): Promise<void> {
  await using mailer = new Mailer({ transport: memory(), failure: 'silent', observe })
  const template = (): never => {
    throw error
  }
  await mailer.send({ from: 'ann@example.com', to: 'bob@example.com', template })
}

describe('the place of a failure', () => {
  it('is in the error as it is, with the absolute path, and nobody can change it', () => {
    expect(error.location).toEqual(location)
    expect(Object.isFrozen(error.location)).toBe(true)
    expect(error.with({ summary: 'changed' }).location).toEqual(location)
    expect(error.message).toBe(`compose/template: nam is missing (${shown})`)
    expect(error.summary).toBe('nam is missing')
    expect(new MailError({ stage: 'compose', kind: 'template' }).location).toBeUndefined()
  })

  it('is in the JSON of the error, and so in logs', async () => {
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ location })
    const logged: { readonly fields: object; readonly text: string }[] = []
    const log = (fields: object, text: string): void => void logged.push({ fields, text })
    await failed(logTo({ info: log, warn: log, error: log }))
    expect(logged).toMatchObject([
      { fields: { err: { location } }, text: `silenced: compose/template: nam is missing (${shown})` },
    ])
    expect(printed).toEqual([])
  })

  it('is shown as a path from here, with its lines below each other', async () => {
    expect(inspect(error)).toContain(`\n${excerpt} {`)
    expect(inspect(error)).toContain(`location: '${shown}'`)
    const bare = new MailError({ stage: 'compose', kind: 'template', location: { file, line: 3 } })
    expect(inspect(bare)).toContain(`location: 'templates${sep}welcome.hbs:3'`)
    expect(inspect(new MailError({ stage: 'compose', kind: 'template' }))).not.toContain('location:')
    await failed()
    expect(printed).toEqual([
      `loudmail: silenced compose/template: nam is missing (${shown}) - ${error.hint}\n${excerpt}`,
    ])
  })

  it('stands in one line where an event does', async () => {
    const texts: string[] = []
    await failed((event) => void texts.push(eventText(event)))
    expect(texts).toEqual([`silenced: compose/template: nam is missing (${shown})`])
  })

  it.each<[string, SourceLocation, string]>([
    ['without a line', { file }, `templates${sep}welcome.hbs`],
    ['without a column', { file, line: 3 }, `templates${sep}welcome.hbs:3`],
    ['with a column of no line', { file, column: 3 }, `templates${sep}welcome.hbs`],
    [
      'beside this folder',
      { file: `${process.cwd()}-2${sep}a.hbs`, line: 1 },
      `${process.cwd()}-2${sep}a.hbs:1`,
    ],
    ['that is a URL or a name', { file: 'node:internal', line: 1 }, 'node:internal:1'],
  ])('is short: %s', (_what, place, text) => {
    expect(placeOf(place)).toBe(text)
  })

  it('is bounded, and has no secrets and no control characters', () => {
    const hostile = new MailError({
      stage: 'compose',
      kind: 'template',
      location: {
        file: `/srv/\u001B[2J${'x'.repeat(5_000)}`,
        line: 1,
        excerpt: `> 1 |\t${secret}\u001B[31m\r\n    |\t^\n${'y'.repeat(9_000)}`,
      },
    })
    const { file: path, excerpt: lines } = hostile.location!
    expect(path).toMatch(/^\/srv\/\\u001b\[2Jx+$/)
    expect(path.length).toBeLessThan(1_020)
    expect(lines).toMatch(/^> 1 \| https:.*\\u001b\[31m\n {4}\| \^\ny+$/)
    expect(lines!.length).toBeLessThan(4_020)
    expect(JSON.stringify(hostile)).not.toContain('hunter2')
  })
})
