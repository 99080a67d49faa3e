/** What is done with what an engine made. */
export interface FinishOptions {
  /**
   * Moves the CSS of `<style>` elements and of style sheets on disk into `style` attributes, because some mail programs drop
   * it elsewhere. Rules that cannot move, such as `@media` and `:hover`, stay. @default true, and false for MJML
   */
  readonly inlineCss?: boolean | undefined
  /** Makes a text part from the HTML if the template has none. @default true */
  readonly makeText?: boolean | undefined
  /**
   * The folder of the images that the HTML shows by a relative path. They are attached, and shown by `cid:`. Files outside of
   * the folder are refused. False leaves relative paths alone. @default the folder of the template
   */
  readonly images?: string | URL | false | undefined
}
