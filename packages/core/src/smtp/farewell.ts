const PAUSED = /\b4\.4\.2\b|time-?d?[ -]?out|idle|inactiv/i

/** Some servers announce that they close the connection with 221 instead of 421. */
export function isFarewell(code: number | undefined): boolean {
  return code === 421 || code === 221
}

/** A 4xx reply that speaks of a pause: the server waited for a command, and some close the connection with such words. */
export function isFarewellAfterPause(code: number | undefined, text: string): boolean {
  return code !== undefined && code >= 400 && code < 500 && PAUSED.test(text)
}
