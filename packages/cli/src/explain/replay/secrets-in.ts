import type { Secrets } from '@loudmail/core/transport'

/** Passwords in URLs and in the options of curl, swaks and others, as they stand in a command line above a log. */
const PASSWORDS = [
  /\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:([^\s@]+)@/gi,
  /(?:--?auth-password|--?password|--?pass|(?<=\s)-ap)[ =]['"]?([^\s'"]+)/gi,
  /(?:--user|(?<=\s)-u)[ =]?['"]?[^\s'":]+:([^\s'"]+)/gi,
  /\bBearer\s+([\w.~+/-]{8,}=*)/gi,
  /['"]?\b(?:pass|password|accessToken|apiKey|clientSecret|refreshToken)\b['"]?\s*[:=]\s*['"]([^'"]+)['"]/gi,
]

/** Remembers the secrets that stand openly in a text. */
export function rememberSecretsIn(text: string, secrets: Secrets): void {
  for (const pattern of PASSWORDS)
    for (const [, password = ''] of text.matchAll(pattern)) {
      if (password === '<redacted>') continue
      secrets.add(password)
      secrets.add(percentDecoded(password))
    }
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
