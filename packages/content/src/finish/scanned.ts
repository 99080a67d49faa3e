/** An attribute with a value, and where the value stands. */
export interface Attribute {
  /** In lower case. */
  readonly name: string
  /** Without character references. */
  readonly value: string
  /** The offset of its name. */
  readonly nameStart: number
  /** The offset of its first character, behind the quote. */
  readonly start: number
  readonly end: number
  readonly isQuoted: boolean
}

/** A tag that opens an element. */
export interface Tag {
  /** In lower case. */
  readonly name: string
  /** The offset of its `<`. */
  readonly start: number
  /** The offset behind its name. */
  readonly nameEnd: number
  /** The offset behind its `>`. */
  end: number
  readonly attributes: Attribute[]
  /** It stands in a comment, such as one for Outlook. */
  readonly inComment: boolean
}

/** A `<style>` with its text. */
export interface StyleElement {
  readonly tag: Tag
  readonly start: number
  readonly end: number
}

/** Two offsets. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What the completing of HTML has to know about it. */
export interface Scanned {
  readonly tags: readonly Tag[]
  readonly styles: readonly StyleElement[]
  /** The texts outside of comments. */
  readonly texts: readonly Range[]
  /** What stands in comments. */
  readonly comments: readonly Range[]
  /** A tag at an end has more than its name: some readers see its end in a value. */
  readonly hasOddEnds: boolean
  /** The text of the title on one line; undefined if there is none. */
  readonly title: string | undefined
}
