import { Parser } from 'htmlparser2'

/** A place in markup that needs attention. */
interface MarkupPlace {
  /** The name of the tag. */
  readonly tag: string
  /** The first line is 1. */
  readonly line: number
}

/** A tag `mj-include`. */
export interface Include extends MarkupPlace {
  /** As it is written. */
  readonly path: string
  /** Undefined for MJML. */
  readonly type: string | undefined
}

/** What MJML itself says nothing about. */
export interface MarkupReading {
  readonly includes: readonly Include[]
  /** The first of the tags that are not closed. MJML closes them somewhere. */
  readonly unclosed: MarkupPlace | undefined
  /** The first text in a tag that takes no text. MJML leaves it out. */
  readonly stray: (MarkupPlace & { readonly text: string }) | undefined
}

/** A tag by its offset. To count its line takes long for all of them. */
interface OpenTag {
  readonly tag: string
  readonly at: number
}

/** Tags that have other tags in them, and no text. */
const CONTAINERS = new Set(
  `mjml mj-head mj-attributes mj-html-attributes mj-selector mj-body mj-wrapper mj-section mj-group mj-column mj-hero
   mj-accordion mj-accordion-element mj-carousel mj-navbar mj-social`.split(/\s+/),
)

/** Reads markup as MJML does. */
export function readMarkup(markup: string): MarkupReading {
  const includes: Include[] = []
  const open: OpenTag[] = []
  let unclosed: OpenTag | undefined
  let stray: MarkupReading['stray']
  const lineAt = (index: number): number => markup.slice(0, index).split('\n').length
  const parser = new Parser(
    {
      onopentag(tag, { path = '', type }) {
        const at = parser.startIndex
        open.push({ tag, at })
        if (tag === 'mj-include') includes.push({ tag, line: lineAt(at), path, type })
      },
      onclosetag(tag, isImplied) {
        const opened = open.pop()
        // What closes itself has its end in its own tag.
        if (isImplied && opened && tag.startsWith('mj') && opened.at !== parser.startIndex)
          unclosed = first(unclosed, opened)
      },
      ontext(text) {
        const within = open.at(-1)?.tag
        if (stray || within === undefined || !CONTAINERS.has(within) || text.trim() === '') return
        const blank = text.length - text.trimStart().length
        stray = { tag: within, line: lineAt(parser.startIndex + blank), text: text.trim() }
      },
    },
    {
      decodeEntities: false,
      recognizeCDATA: true,
      recognizeSelfClosing: true,
      lowerCaseAttributeNames: false,
    },
  )
  parser.end(markup)
  return { includes, unclosed: unclosed && { tag: unclosed.tag, line: lineAt(unclosed.at) }, stray }
}

function first(one: OpenTag | undefined, other: OpenTag): OpenTag {
  return one && one.at <= other.at ? one : other
}
