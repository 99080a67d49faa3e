import { MailError } from '@loudmail/core'

/** Why something cannot be made of the options of the application; undefined if it can. */
export function refusalOf(make: () => unknown): MailError | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    if (!MailError.is(error)) throw error
    return error
  }
}
