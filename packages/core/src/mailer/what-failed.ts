import type { MailError } from '../failure/mail-error.ts'
import { placeOf } from '../failure/source-location.ts'

/** What happened in one line, with the place in the source if there is one: `… (templates/welcome.hbs:3:12)`. */
export function whatFailed({ message, location }: MailError): string {
  return location ? `${message} (${placeOf(location)})` : message
}
