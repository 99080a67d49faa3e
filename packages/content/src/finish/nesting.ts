import { Tokenizer } from 'htmlparser2'

/** They have no end, or the next one of them ends the one before. */
const ENDLESS =
  /^(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|t[drh]|tbody|tfoot|thead|track|wbr)$/
/** In SVG, the others of them are like any element. */
const ENDLESS_IN_SVG = /^(?:br|dd|dt|embed|hr|img|li|meta|p)$/

/** Whether elements are nested deeper than this. A table counts with its row and cell. It is never far below the truth. */
export function isNestedDeeper(html: string, most: number): boolean {
  if (html.split('<', most).length < most / 4) return false
  const open = new Map<string, number>()
  let depth = 0
  let deepest = 0
  const add = (name: string, change: 1 | -1): void => {
    const count = open.get(name) ?? 0
    const isForeign = (open.get('svg') ?? 0) > 0 || (open.get('math') ?? 0) > 0
    if ((isForeign ? ENDLESS_IN_SVG : ENDLESS).test(name) || (change < 0 && count === 0)) return
    open.set(name, count + change)
    depth += change * (name === 'table' ? 4 : 1)
    deepest = Math.max(deepest, depth)
  }
  const ignore = (): void => {}
  const tokenizer = new Tokenizer(
    { decodeEntities: false, xmlMode: false },
    {
      onopentagname: (start, end) => add(html.slice(start, end).toLowerCase(), 1),
      onclosetag: (start, end) => add(html.slice(start, end).toLowerCase(), -1),
      onattribdata: ignore,
      onattribend: ignore,
      onattribentity: ignore,
      onattribname: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
      ontext: ignore,
      ontextentity: ignore,
    },
  )
  tokenizer.write(html)
  tokenizer.end()
  return deepest > most
}
