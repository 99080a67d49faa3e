const LABELLED =
  /\b((?:access|refresh|id)_token|client_secret|(?:client_)?assertion|password)\b(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi
const RUN = /[^\s"'`<>()[\]{},;]{16,}/g
/** What is long and no secret: identifiers that a provider's support asks for, and times. */
const KNOWN = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z?/gi

/** Removes what looks like a token, a key or a secret from a text: long runs of characters that are not words. */
export function maskCredentials(text: string): string {
  return text.replaceAll(LABELLED, '$1$2<redacted>').replaceAll(RUN, (run) =>
    run
      .replaceAll(KNOWN, '')
      .split(/[^A-Za-z\d]+/)
      .every(isWord)
      ? run
      : '<redacted>',
  )
}

/** `office365`, `unauthorized`, `SendAsApp`, `587`, or nothing. */
function isWord(part: string): boolean {
  return /^(?:[A-Za-z]*\d{0,4}|\d{1,12})$/.test(part)
}
