import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'

/** The data of each template in the folder `mails`. */
interface Mails {
  readonly welcome: { readonly name: string }
}

/** The shop's mails by name: `mails('welcome', { name: 'Ann' })` is what `template` of a message takes. */
export const mails = render<Mails>({ engine: handlebars(), folder: new URL('mails', import.meta.url) })
