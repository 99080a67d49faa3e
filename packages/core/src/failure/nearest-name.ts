/** The name that is spelled almost the same, for "did you mean"; undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 40) return undefined
  const plain = plainName(name)
  const most = plain.length < 5 ? 1 : 2
  const [best] = known
    .map((each) => ({ each, distance: distance(plain, plainName(each)) }))
    .filter((each) => each.distance <= most)
    .toSorted((one, other) => one.distance - other.distance)
  return best?.each
}

/** `reply-to` and `reply_to` are `replyTo`. */
function plainName(name: string): string {
  return name.replaceAll(/[-_ ]/g, '').toLowerCase()
}

/** How many characters to change, add, remove or exchange with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      let least = Math.min(
        rows[row - 1]![column]! + 1,
        current[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
      )
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        least = Math.min(least, rows[row - 2]![column - 2]! + 1)
      current.push(least)
    }
    rows.push(current)
  }
  return rows[one.length]![other.length]!
}
