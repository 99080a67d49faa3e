import type { Secrets } from '@loudmail/core/transport'

const VERBS = /^(?:EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL|RCPT|DATA|BDAT|RSET|NOOP|VRFY|EXPN|HELP|QUIT)$/
const HIDDEN = '<redacted>'

/** Hides the credentials in the lines of one client, and adds them to the secrets. */
export class CredentialFilter {
  readonly #secrets: Secrets
  #mechanism: string | undefined
  /** How many responses came since AUTH. */
  #responses = 0

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /**
   * A line as it may be shown. A client may go on with its credentials after AUTH was refused, and then the server takes
   * them for commands: so what is no known command is hidden as well.
   */
  shown(text: string, command: string | undefined): string {
    if (command === 'AUTH') {
      const [verb = '', mechanism = '', ...rest] = text.split(' ')
      this.#mechanism = mechanism.toUpperCase()
      this.#responses = 0
      const response = rest.join(' ').trim()
      if (response === '' || response === '=') return text
      this.#remember(response)
      return `${verb} ${mechanism} ${HIDDEN}`
    }
    const isResponse = command === undefined || (this.#mechanism !== undefined && !VERBS.test(command))
    if (!isResponse || text === '*') return text
    this.#remember(text)
    return HIDDEN
  }

  #remember(response: string): void {
    const decoded = Buffer.from(response, 'base64').toString()
    // The first response of LOGIN is the name of the user, which is no secret: it may be the address of the sender.
    const isUser = this.#mechanism === 'LOGIN' && this.#responses++ === 0
    if (isUser) return
    this.#secrets.add(response)
    this.#secrets.add(decoded)
    if (this.#mechanism === 'PLAIN') this.#secrets.add(decoded.split('\0')[2])
    // XOAUTH2 and OAUTHBEARER.
    for (const part of decoded.split('\u0001'))
      if (part.startsWith('auth=')) this.#secrets.add(part.slice(part.indexOf(' ') + 1))
  }
}
