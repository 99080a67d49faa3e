import { editDistance } from './edit-distance.ts'

/** The name that is spelled almost the same, for "did you mean"; undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 40) return undefined
  const plain = plainName(name)
  const most = plain.length < 5 ? 1 : 2
  const [best] = known
    .map((each) => ({ each, distance: editDistance(plain, plainName(each)) }))
    .filter((each) => each.distance <= most)
    .toSorted((one, other) => one.distance - other.distance)
  return best?.each
}

/** `reply-to` and `reply_to` are `replyTo`. */
function plainName(name: string): string {
  return name.replaceAll(/[-_ ]/g, '').toLowerCase()
}
