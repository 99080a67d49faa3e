import { describe, expect, it } from 'vitest'
import { handlebars } from '../../src/handlebars/index.ts'
import { render } from '../../src/index.ts'
import { localesFor } from '../../src/folder/locales-for.ts'
import { contentOf, failureOf } from './content-of.ts'
import { folderOf } from './folder-of.ts'

const engine = handlebars()

describe('the language of a reader', () => {
  it.each([
    ['zh-Hant-TW', 'en', ['zh-hant-tw', 'zh-hant', 'zh', 'en', '']],
    ['de-AT', 'de', ['de-at', 'de', '']],
    [undefined, 'en-GB', ['en-gb', 'en', '']],
    [undefined, undefined, ['']],
    ['de-x-shop', undefined, ['de-x-shop', 'de', '']],
  ])('%s, usually %s, is looked for in order', (locale, usual, expected) => {
    expect(localesFor(locale, usual)).toEqual(expected)
  })

  it.each([
    ['zh-Hant-TW', 'Hant zh-Hant-TW'],
    ['ZH-HANT', 'Hant ZH-HANT'],
    ['zh-CN', 'zh zh-CN'],
    ['fr', 'en en'],
    [undefined, 'en en'],
    ['EN-us', 'en EN-us'],
  ])(
    '%s decides about the file, and is the @locale only if it is that language',
    async (locale, expected) => {
      await using folder = await folderOf({
        'welcome.zh-Hant.hbs': 'Hant {{@locale}}',
        'welcome.zh.hbs': 'zh {{@locale}}',
        'welcome.en.hbs': 'en {{@locale}}',
      })
      const mail = render({ engine, folder: folder.path, locale: 'en' })
      expect(await contentOf(mail('welcome', {}, { locale }))).toMatchObject({ html: expected })
    },
  )

  it('is never mixed with another one in a mail', async () => {
    await using folder = await folderOf({
      'welcome.hbs': '<p>English</p>',
      'welcome.text.hbs': 'English',
      'welcome.subject.hbs': 'Welcome',
      'welcome.de.hbs': '<head><title>Willkommen</title></head><body>Deutsch</body>',
      'welcome.fr.subject.hbs': 'Bienvenue',
    })
    const mail = render({ engine, folder: folder.path })
    expect(await contentOf(mail('welcome', {}, { locale: 'de' }))).toMatchObject({
      subject: 'Willkommen',
      text: 'Deutsch',
    })
    expect(await contentOf(mail('welcome', {}, { locale: 'fr' }))).toMatchObject({
      subject: 'Welcome',
      text: 'English',
    })
  })

  it('of a template is that of its partials', async () => {
    await using folder = await folderOf({
      'welcome.hbs': '{{> partials/bye}}',
      'welcome.de.hbs': '{{> partials/bye}}',
      'partials/bye.hbs': 'Bye',
      'partials/bye.de.hbs': 'Servus',
      'partials/bye.fr.hbs': 'Salut',
      'partials/bye.en.hbs': 'Goodbye',
    })
    const mail = render({ engine, folder: folder.path })
    const html = async (locale?: string): Promise<unknown> =>
      (await contentOf(mail('welcome', {}, { locale }))).html
    expect(await html('de-AT')).toBe('Servus')
    // There is no French template, so there is no French partial in it.
    expect(await html('fr')).toBe('Bye')
    expect(await html()).toBe('Bye')
    const usual = render({ engine, folder: folder.path, locale: 'en' })
    expect(await contentOf(usual('welcome', {}))).toMatchObject({ html: 'Goodbye' })
  })

  it.each([
    ['../../etc/passwd', 'the locale "../../etc/passwd" is not a language tag such as de or de-AT (BCP 47)'],
    ['de/AT', 'is not a language tag'],
    ['de_AT', 'the locale "de_AT" is not a language tag such as de or de-AT, with a hyphen (BCP 47)'],
    ['', 'is not a language tag'],
    ['de\0', 'is not a language tag'],
    [`de${'-a1'.repeat(40)}`, 'is not a language tag'],
  ])('%j is refused', async (locale, summary) => {
    await using folder = await folderOf({ 'welcome.hbs': 'Hello' })
    const mail = render({ engine, folder: folder.path })
    const error = await failureOf(mail('welcome', {}, { locale }))
    expect(error).toMatchObject({ code: 'compose/template' })
    expect(error.message).toContain(summary)
    expect(() => render({ engine, folder: folder.path, locale })).toThrow(summary)
  })
})
