import { configError } from '@loudmail/core/transport'

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
   * the folder are refused. An `https:` URL is a folder on a web server: then nothing is attached, and the HTML shows the
   * images from there. False leaves relative paths alone. @default the folder of the template
   */
  readonly images?: string | URL | false | undefined
}

/** @throws MailError `config/invalid-config` */
export function checkImages(images: FinishOptions['images']): void {
  if (images === undefined || images === false) return
  if (typeof images === 'string' && /^https?:/i.test(images))
    throw configError('images is the address of a web server as a string: write new URL(…)')
  const isFolder = typeof images === 'string' && images !== ''
  if (!isFolder && !(images instanceof URL && ['file:', 'http:', 'https:'].includes(images.protocol)))
    throw configError('images must be false, or a folder: a path, a file: URL or an https: URL')
}
