import type { Secrets } from './secrets.ts'

/** Remembers a SASL response, in base64 as it is sent, and the token, password or proof inside it. */
export function addSaslResponse(secrets: Secrets, response: string): void {
  if (response.length < 4) return
  secrets.add(response)
  const inside = Buffer.from(response, 'base64').toString('utf8')
  // XOAUTH2 and OAUTHBEARER separate fields by U+0001, PLAIN by NUL. What CRAM-MD5 and SCRAM send has a digest at its end.
  // oxlint-disable-next-line no-control-regex
  if (/[\0\u0001]/.test(inside)) secrets.add(inside)
  for (const part of inside.split('\u0001')) secrets.add(/^auth=Bearer (.+)$/i.exec(part)?.[1])
  const plain = inside.split('\0')
  if (plain.length === 3) secrets.add(plain[2])
  secrets.add(/^\S.* ([\da-f]{32})$/i.exec(inside)?.[1])
  secrets.add(/,p=([A-Za-z\d+/=]+)$/.exec(inside)?.[1])
}
