/** The header fields of a mail, unfolded and decoded, in their original order. */
export class TestHeaders {
  /** All fields, in order. */
  readonly fields: readonly { readonly name: string; readonly value: string }[]

  constructor(fields: readonly { readonly name: string; readonly value: string }[]) {
    this.fields = fields
  }

  /** The first field with this name, in any case; undefined if there is none. */
  get(name: string): string | undefined {
    return this.all(name)[0]
  }

  /** Every field with this name, in any case. */
  all(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.fields.flatMap((field) => (field.name.toLowerCase() === wanted ? field.value : []))
  }
}
