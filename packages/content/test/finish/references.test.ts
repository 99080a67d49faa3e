import { describe, expect, it } from 'vitest'
import { urlsIn } from '../../src/finish/references.ts'

const valuesIn = (css: string): string[] => urlsIn(css).map(({ value }) => value)

describe('the images of CSS', () => {
  it.each([
    ['background: url(a.png)', ['a.png']],
    ['background: url( "a b.png" )', ['a b.png']],
    ["background: url('it&quot;s.png')", ['it&quot;s.png']],
    ['background: url(&quot;a.png&quot;), url(&#39;b.png&#39;)', ['a.png', 'b.png']],
    ['/* url(a.png) */ background: url(b.png)', ['b.png']],
    ['background: url(a.png) /* url(b.png)', ['a.png']],
    ['background: url(&quot;url(&quot;a.png&quot;)', ['a.png']],
    ['@import url(a.css); background: url(b.png)', ['b.png']],
  ])('in %s are found', (css, values) => {
    expect(valuesIn(css)).toEqual(values)
  })

  it.each(['url(&quot;', "url('", '/*', '/* *', 'url(', '@import ', '@font-face { '])(
    'are found in a megabyte of %s before anybody gives up',
    (piece) => {
      expect(valuesIn(piece.repeat(1_000_000 / piece.length)).length).toBeLessThan(1_000_001)
    },
    10_000,
  )
})
