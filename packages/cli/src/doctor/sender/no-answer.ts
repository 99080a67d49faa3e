/** The name servers gave no answer to a question, neither records nor "there are none". */
export class NoAnswer extends Error {
  /** Node's word for it, such as `ETIMEOUT`. */
  readonly code: string

  constructor(name: string, type: string, code: string) {
    const what = WHAT_HAPPENED[code] ?? `failed with ${code}`
    super(`The name server ${what} when it was asked for the ${type} records of ${name} (dns-temporary).`)
    this.code = code
  }
}

const WHAT_HAPPENED: Readonly<Record<string, string>> = {
  ETIMEOUT: 'did not answer',
  ESERVFAIL: 'answered with a failure (SERVFAIL)',
  EREFUSED: 'refused to answer',
  ECONNREFUSED: 'could not be reached',
}
