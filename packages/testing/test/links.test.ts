import { describe, expect, it } from 'vitest'
import { testInbox } from '../src/index.ts'
import { capture } from './capture.ts'

async function linksOf(message: { text?: string; html?: string }): Promise<readonly string[]> {
  const { store, send } = capture()
  await send({ text: undefined, ...message })
  return (await testInbox(store).last()).links
}

describe('the links of a mail', () => {
  it('are the targets in the HTML, in order, and then those in the text', async () => {
    const html = `
      <a href="https://tea.example/b">b</a> <map><area href="http://tea.example/a"></map>
      <a href="mailto:help@tea.example?subject=Hi">Help</a>`
    const text = 'https://tea.example/text https://tea.example/a2'
    expect(await linksOf({ html, text })).toEqual([
      'https://tea.example/b',
      'http://tea.example/a',
      'mailto:help@tea.example?subject=Hi',
      'https://tea.example/text',
      'https://tea.example/a2',
    ])
  })

  it('have decoded entities, and appear once each', async () => {
    const html = '<a href="https://tea.example/?a=1&amp;b=2&#x26;c=3">x</a><a href=https://tea.example/>y</a>'
    expect(await linksOf({ html, text: 'https://tea.example/ https://tea.example/?a=1&b=2&c=3' })).toEqual([
      'https://tea.example/?a=1&b=2&c=3',
      'https://tea.example/',
    ])
  })

  it('have no white space that browsers remove', async () => {
    expect(await linksOf({ html: '<a href=" https://tea.example/\n  a ">x</a>' })).toEqual([
      'https://tea.example/  a',
    ])
  })

  it.each([
    ['<a href="/relative">x</a>'],
    ['<a href="#part">x</a>'],
    ['<a href="tel:+491234567">x</a>'],
    ['<a href="javascript:alert(1)">x</a>'],
    ['<a name="x">x</a>'],
    ['<!-- <a href="https://tea.example/">x</a> -->'],
    ['<template><a href="https://tea.example/">x</a></template>'],
    ['<img src="https://tea.example/pixel.gif"><link href="https://tea.example/style.css">'],
  ])('are none in %s', async (html) => {
    expect(await linksOf({ html })).toEqual([])
  })

  it('are found in broken HTML', async () => {
    expect(
      await linksOf({
        html: '<table><a href="https://tea.example/1">x<td><a href=\'https://tea.example/2\'',
      }),
    ).toEqual(['https://tea.example/1'])
    expect(await linksOf({ html: '<noscript><A HREF="HTTPS://tea.example/">x</A></noscript>' })).toEqual([
      'HTTPS://tea.example/',
    ])
  })

  it.each([
    ['See https://tea.example/reset?token=a_b-c=.', ['https://tea.example/reset?token=a_b-c=']],
    ['(https://tea.example/a)', ['https://tea.example/a']],
    ['https://tea.example/a_(b)', ['https://tea.example/a_(b)']],
    ['<https://tea.example/a>', ['https://tea.example/a']],
    ['"https://tea.example/a", `https://tea.example/b`!', ['https://tea.example/a', 'https://tea.example/b']],
    ['http://localhost:3000/a,b', ['http://localhost:3000/a,b']],
    ['http://[::1]:3000/', ['http://[::1]:3000/']],
    ['write to mailto:help@tea.example', ['mailto:help@tea.example']],
    ['https://例え.example/確認。', ['https://例え.example/確認']],
    ['詳細（https://tea.example/a）をご覧ください', ['https://tea.example/a']],
    ['「https://tea.example/a」', ['https://tea.example/a']],
    [
      '『https://tea.example/a』、https://tea.example/b、',
      ['https://tea.example/a', 'https://tea.example/b'],
    ],
    [
      '【https://tea.example/a】《https://tea.example/b》',
      ['https://tea.example/a', 'https://tea.example/b'],
    ],
    ['请点击https://tea.example/a，然后登录', ['https://tea.example/a']],
    ['点击https://tea.example/a?b=1！谢谢', ['https://tea.example/a?b=1']],
    ['https://tea.example/a；https://tea.example/b：', ['https://tea.example/a', 'https://tea.example/b']],
    ['https://tea.example/a？', ['https://tea.example/a']],
    ['https://tea.example/a．https://tea.example/b｡', ['https://tea.example/a', 'https://tea.example/b']],
    ['https://tea.example/a　次へ', ['https://tea.example/a']],
    ['https://tea.example/カート/ー', ['https://tea.example/カート/ー']],
    ['https://ko.example/확인.', ['https://ko.example/확인']],
    ['https://hi.example/पुष्टि।', ['https://hi.example/पुष्टि']],
    ['https://ar.example/تأكيد؟', ['https://ar.example/تأكيد']],
    [
      '“https://tea.example/a” „https://tea.example/b“ ‘https://tea.example/c’',
      ['https://tea.example/a', 'https://tea.example/b', 'https://tea.example/c'],
    ],
    ['«https://tea.example/a» ›https://tea.example/b‹', ['https://tea.example/a', 'https://tea.example/b']],
    ['https:// and mailto: alone, https://... or mailto:!', []],
    ['ftp://tea.example/ www.tea.example help@tea.example', []],
  ])('of the text %j are %j', async (text, links) => {
    expect(await linksOf({ text })).toEqual(links)
  })

  it.each(['!', ')', '.)', 'https://'])('end before a long row of %j', async (part) => {
    const links = await linksOf({ text: `https://tea.example/a${part.repeat(500_000 / part.length)}` })
    expect(links).toHaveLength(1)
  })
})
