const PAUSED = /\b4\.4\.2\b|time-?d?[ -]?out|idle|inactiv/i

/** Some servers announce that they close the connection with 221 instead of 421. */
export function isFarewell(code: number | undefined): boolean {
  return code === 421 || code === 221
}

/** After a pause, some servers announce it with another 4xx reply, which speaks of the pause. */
export function isFarewellAfterPause(code: number | undefined, text: string): boolean {
  return code !== undefined && code >= 400 && code < 500 && PAUSED.test(text)
}
