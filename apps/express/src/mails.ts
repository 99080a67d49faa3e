import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'

/** The data of each template in the folder `mails`. */
interface Mails {
  readonly welcome: { readonly name: string }
}

// IMAGES_URL is where the folder `mails` is on a web server, for a provider that shows no attached images. Without it, mails
// contain their images.
const { IMAGES_URL } = process.env

/** The shop's mails by name: `mails('welcome', { name: 'Ann' })` is what `template` of a message takes. */
export const mails = render<Mails>({
  engine: handlebars(),
  folder: new URL('mails', import.meta.url),
  images: IMAGES_URL ? new URL(IMAGES_URL) : undefined,
})
