/** An element that leads somewhere. */
export interface FoundLink {
  /** As it was written, without white space around it; undefined without the attribute. */
  readonly href: string | undefined
  /** It is only a place to jump to. */
  readonly isAnchor: boolean
  /** What it says, or its image. */
  readonly label: string
}

/** An image. */
export interface FoundImage {
  /** As it was written, without white space around it; undefined without the attribute. */
  readonly src: string | undefined
  readonly alt: string | undefined
  /** Only its style says how wide it is. */
  readonly hasWidthInStyleOnly: boolean
}

/** What is found in HTML. Conditional comments of Outlook count as comments. */
export interface FoundHtml {
  readonly links: readonly FoundLink[]
  readonly images: readonly FoundImage[]
  /** Elements that mail programs drop: `script`, `iframe`, and the addresses of style sheets on web servers. */
  readonly dropped: readonly string[]
  /** What people read, without code. */
  readonly text: string
  /** What people see or hear of elements beside their text: `alt` and `title`. */
  readonly labels: readonly string[]
  /** What `cid:` URLs outside of comments name, as it is written. */
  readonly shownIds: ReadonlySet<string>
  /** The same within comments: Outlook shows what is in conditional ones. */
  readonly idsInComments: ReadonlySet<string>
  /** Places to jump to. */
  readonly places: ReadonlySet<string>
  /** Elements are nested so deeply that the rest was not read. */
  readonly isTooDeep: boolean
}
