/** What a matcher of Vitest and Jest answers. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * Makes the answer of a matcher.
 *
 * @param wanted what was wanted where it did not pass, and what was not where it did, under `.not`
 * @param found is called where the assertion failed
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
