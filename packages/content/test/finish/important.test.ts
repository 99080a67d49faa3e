import { describe, expect, it } from 'vitest'
import { important } from '../../src/finish/important.ts'

describe('the rules of @media win over style attributes', () => {
  it.each([
    ['@media x { a { color: red } }', '@media x { a { color: red !important } }'],
    [
      '@media x{a{color:red;width:1px;}b{top:0}}',
      '@media x{a{color:red !important;width:1px !important;}b{top:0 !important}}',
    ],
    ['@MEDIA x { a { color: red /* } */ ; } }', '@MEDIA x { a { color: red /* } */ !important ; } }'],
    [
      '@media x { a { /* b: c; */ content: "; } !important"; top: 0 } }',
      '@media x { a { /* b: c; */ content: "; } !important" !important; top: 0 !important } }',
    ],
    [
      '@media x { a { background: url(data:image/png;base64,AA==) ; --b: 1 } }',
      '@media x { a { background: url(data:image/png;base64,AA==) !important ; --b: 1 !important } }',
    ],
    [
      '@media x { @supports (a: b) { a { b: c } } }',
      '@media x { @supports (a: b) { a { b: c !important } } }',
    ],
    [
      '@supports (a: b) { @media x { a { b: c } } }',
      '@supports (a: b) { @media x { a { b: c !important } } }',
    ],
    [
      '@media x { a { b: c; &:hover { d: e } @media y { f: g } } }',
      '@media x { a { b: c !important; &:hover { d: e !important } @media y { f: g !important } } }',
    ],
    ['@media x { a[b="}"]:hover { c: d\\9 } }', '@media x { a[b="}"]:hover { c: d\\9 !important } }'],
  ])('%s', (css, made) => {
    expect(important(css)).toBe(made)
  })

  it.each([
    '@media x { a { color: red !important; top: 0 ! IMPORTANT; left: 0 !/**/important/**/ } }',
    '@media x { @font-face { src: url(a.woff) } @keyframes a { from { top: 0 } } @page { margin: 0 } @layer b { a { c: d } } }',
    '@font-face { src: url(a.woff) } @keyframes a { 50% { top: 0 } } @import "a.css"; @layer a { @media x { a { b: c } } }',
    'a { b: c; &:hover { d: e } }',
    '@media x { a { ; /* b: c */ } b { color } c { color: } }',
    '',
  ])('and this stays as it is: %s', (css) => {
    expect(important(css)).toBe(css)
  })
})
