import { Parser } from 'htmlparser2'
import type { FoundHtml } from './found-html.ts'
import { HtmlReader } from './html-reader.ts'

/** Elements within each other. Mail programs and browsers give up sooner, and the parser takes long. */
const MOST_DEEP = 1_000

/** How much is parsed before the depth is looked at, in characters. */
const STEP = 16_384

/** Reads HTML of any kind: it never throws, and takes a time in proportion to its length. */
export function readHtml(html: string): FoundHtml {
  const reader = new HtmlReader()
  const parser = new Parser(reader)
  let isTooDeep = false
  for (let at = 0; at < html.length && !isTooDeep; at += STEP) {
    parser.write(html.slice(at, at + STEP))
    isTooDeep = reader.depth > MOST_DEEP
  }
  if (!isTooDeep) parser.end()
  return reader.found(isTooDeep)
}
