import type { ServerScript } from '../script/script.ts'

const usual = ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8']

/** The keywords in the answer to EHLO, before or after TLS. */
export function capabilities({ caps = usual, capsTls }: ServerScript, tls: boolean): readonly string[] {
  if (!tls) return caps
  return capsTls ?? caps.filter((keyword) => keyword !== 'STARTTLS')
}
