/** What a matcher of Vitest and Jest returns. */
export interface MatcherResult {
  /** Whether it matches. */
  readonly pass: boolean
  /** What to print if that was not expected. */
  readonly message: () => string
}

/**
 * Creates the result of a matcher.
 *
 * @param wanted what to print as wanted: `yes` if it did not pass, `no` if it passed under `.not`
 * @param found called if the assertion fails
 */
export function matcherResult(
  pass: boolean,
  call: string,
  wanted: { readonly yes: string; readonly no: string },
  found: () => string,
): MatcherResult {
  const message = (): string =>
    pass
      ? `expect(…).not.${call}\n\nWanted: ${wanted.no}\n${found()}`
      : `expect(…).${call}\n\nWanted: ${wanted.yes}\n${found()}`
  return { pass, message }
}
