import { array, constantFrom } from 'fast-check'

const PIECES = `<b> </mj-text> </title> < > & &lt; &#60; " ' {{ }} {{name}} {{{ <% <%= %> $& $1 <!-- --> ]]> <![CDATA[ \\ ü 😀 a Z 0`

/** Names that are hard to escape. There are no blanks in them: HTML shows several as one. */
export const hardNames = array(constantFrom(...PIECES.split(' ')), { minLength: 1, maxLength: 8 }).map(
  (parts) => parts.join(''),
)
