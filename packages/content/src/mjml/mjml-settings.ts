/** Options that go to MJML as they are (https://documentation.mjml.io/#inside-node-js). */
export interface MjmlSettings {
  /** The addresses of web fonts, by name. Mail programs load those that a mail uses. @default Google's, for five fonts */
  readonly fonts?: Readonly<Record<string, string>> | undefined
  /** Keeps the comments of the markup in the HTML. @default true */
  readonly keepComments?: boolean | undefined
  /** Makes the HTML smaller, in about 60 ms a rendering. @default false */
  readonly minify?: boolean | undefined
  /** Any other option of MJML. */
  readonly [name: string]: unknown
}
