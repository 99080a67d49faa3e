/** A language tag and its weight (RFC 9110 section 12.5.4). */
const RANGE = /^\s*([a-z]{1,8}(?:-[a-z\d]{1,8}){0,8})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/i
const MOST = 20

/** The languages of Accept-Language, the best first. What is not understood is left out. */
export function languagesOf(accepted: string | undefined): string[] {
  return (accepted ?? '')
    .split(',', MOST)
    .flatMap((range) => {
      const [, tag, weight = '1'] = RANGE.exec(range) ?? []
      return tag === undefined || Number(weight) === 0 ? [] : { tag, weight: Number(weight) }
    })
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag)
}
