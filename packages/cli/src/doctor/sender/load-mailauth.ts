import { UsageError } from '../../usage-error.ts'

export type Mailauth = Pick<typeof import('mailauth'), 'spf' | 'dmarc'>

/** Loads `mailauth`, which is installed by those who examine a sender. Throws UsageError if it is missing. */
export async function loadMailauth(): Promise<Mailauth> {
  try {
    // These two parts take half the time of the whole to load.
    const [{ spf }, { dmarc }] = await Promise.all([
      import('mailauth/lib/spf/index.js'),
      import('mailauth/lib/dmarc/index.js'),
    ])
    return { spf, dmarc }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'mailauth'")) throw error
    throw new UsageError(
      '--sender needs the package mailauth: install it beside loudmail (npm install mailauth), or run npx -p loudmail -p mailauth loudmail doctor …',
    )
  }
}
