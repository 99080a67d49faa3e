import { describe, expect, it } from 'vitest'
import { cssInliner } from '../../src/finish/css-inliner.ts'
import { template } from '../../src/index.ts'
import { contentOf, failureOf } from '../folder/content-of.ts'

const STYLE = '<style>p{color:red}</style>'
const mail = template<{ body: string }>(({ body }) => ({ html: STYLE + body, text: 'x' }))

describe('HTML that is nested too deep', () => {
  it.each([
    '<div>',
    '<table><tr><td>',
    '<b><i>',
    '<b><div></b>',
    '<div></i>',
    '<div><!-- </div> -->',
    '<svg><input>',
    '<ul><li>',
  ])('fails with %s, and mails after it are sent', async (piece) => {
    const error = await failureOf(mail({ body: piece.repeat(4000) }))
    expect(error).toMatchObject({
      code: 'compose/template',
      message: expect.stringContaining('nested too deep'),
    })
    expect(await contentOf(mail({ body: '<p>Hello' }))).toMatchObject({
      html: '<p style="color: red;">Hello',
    })
  })

  it('is not what many elements beside one another are', async () => {
    const body = `${'<p>a'.repeat(3000)}${'<div><img><br></div>'.repeat(3000)}${'<table><tr><td>a</table>'.repeat(1000)}`
    await expect(contentOf(mail({ body }))).resolves.toMatchObject({ text: 'x' })
  })

  it('stops the library for no other mail, not even for one at the same time', async () => {
    const inline = await cssInliner()
    const deep = `<style>p${':not(p'.repeat(9000)}${')'.repeat(9000)}{color:red}</style><p>a`
    const results = await Promise.allSettled([inline(deep), inline(`${STYLE}<p>a`), inline(`${STYLE}<p>b`)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })
})
