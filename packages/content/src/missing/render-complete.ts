import { UndefinedProblem } from '../html/html.ts'
import { TemplateProblem } from '../template-problem.ts'
import { mayHaveDefault } from './may-have-default.ts'
import { hasMarkers, markerOf, printsNothing, printsUndefined } from './marker.ts'
import { watch, type Missing, type Notes } from './watch.ts'

type ProblemPlace = ConstructorParameters<typeof TemplateProblem>[1]

/** How a rendering is looked at. */
export interface Rendering<Result> {
  /** Renders. It is called again if something may be missing. */
  readonly render: (data: unknown) => Promise<Result>
  /** Everything that it printed. */
  readonly textOf: (result: Result) => string
  /**
   * A value that is undefined is printed as nothing, as in JSX, and not as the word `undefined`. Then only the source tells
   * a value that is missing from one with an empty default.
   */
  readonly omitsUndefined?: boolean | undefined
  /** What each rendering gets in place of the data, so that it may change it. @default the data itself */
  readonly copy?: ((data: unknown) => unknown) | undefined
  /** Where the last rendering printed a marker. @default where the value was read */
  readonly placeOfMarker?: (() => ProblemPlace) | undefined
}

/**
 * Renders, and fails if a value was printed that is not in the data. A value is missing if its key is not there: undefined
 * and null in the data are on purpose. It is printed if a marker in its place shows up where the rendering had nothing (or the
 * word `undefined`) and nothing else changes. So a value in a condition or with a default is not missing.
 *
 * A component must get the data as it is passed on here: `createElement(Component, data)` would copy it.
 *
 * @throws TemplateProblem with the place that read the value, or what `render` throws
 */
export async function renderComplete<Result>(data: unknown, how: Rendering<Result>): Promise<Result> {
  const plain = how.omitsUndefined ? undefined : await renderedPlain(data, how)
  // What does not have the word is complete. Watching has its price, and some code takes no proxies.
  if (plain && !UNDEFINED.test(how.textOf(plain.result))) return plain.result
  const missing = new Map<string, Missing>()
  const watched = await renderedWatched(data, how, missing)
  const { result } = plain ?? watched ?? { result: await renderWith(data, how) }
  if (!watched || missing.size === 0) return result
  const printed = await firstPrinted([...missing.values()], data, how, how.textOf(watched.result))
  if (printed) {
    if (how.placeOfMarker) await renderMarked([printed], data, how)
    throw problemOf(printed, how.placeOfMarker?.())
  }
  return result
}

const UNDEFINED = /undefined/i

/** Undefined if it failed for a value that is undefined: which one it is remains to be found. */
async function renderedPlain<Result>(
  data: unknown,
  how: Rendering<Result>,
): Promise<{ readonly result: Result } | undefined> {
  try {
    return { result: await renderWith(data, how) }
  } catch (cause) {
    if (!(cause instanceof UndefinedProblem)) throw cause
    return undefined
  }
}

/** Undefined if it failed, perhaps because data is watched: structuredClone() refuses a proxy. */
async function renderedWatched<Result>(
  data: unknown,
  how: Rendering<Result>,
  missing: Map<string, Missing>,
): Promise<{ readonly result: Result } | undefined> {
  try {
    return { result: await renderWith(data, how, { missing }) }
  } catch (cause) {
    if (!(cause instanceof UndefinedProblem)) return undefined
    // It is the one whose stand-in makes another rendering fail no more, or elsewhere.
    for (const one of missing.values()) {
      const standIn = (id: string): string | undefined => (id === one.id ? 'x' : undefined)
      const other = await renderWith(data, how, { missing: new Map(), standIn }).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (other === undefined || (other instanceof UndefinedProblem && other.message !== cause.message))
        throw problemOf(one)
    }
    throw cause
  }
}

async function renderWith<Result>(
  data: unknown,
  { render, copy = (same) => same }: Rendering<Result>,
  notes?: Notes,
): Promise<Result> {
  return render(notes ? watch(copy(data), notes) : copy(data))
}

async function firstPrinted<Result>(
  missing: readonly Missing[],
  data: unknown,
  how: Rendering<Result>,
  first: string,
): Promise<Missing | undefined> {
  const { omitsUndefined = false } = how
  const isPrinted = omitsUndefined ? printsNothing : printsUndefined
  const candidates = omitsUndefined ? await withoutDefault(missing) : missing
  if (candidates.length > 1) {
    const text = await renderMarked(candidates, data, how)
    if (text !== '' && !hasMarkers(text) && text === first) return undefined
    if (isPrinted(first, text))
      return candidates.find((_, index) => text.includes(markerOf(index))) ?? candidates[0]
  }
  for (const candidate of candidates)
    if (isPrinted(first, await renderMarked([candidate], data, how))) return candidate
  return undefined
}

async function renderMarked<Result>(
  marked: readonly Missing[],
  data: unknown,
  how: Rendering<Result>,
): Promise<string> {
  const markers = new Map(marked.map(({ id }, index) => [id, markerOf(index)]))
  try {
    return how.textOf(await renderWith(data, how, { missing: new Map(), standIn: (id) => markers.get(id) }))
  } catch {
    // The value was not only printed.
    return ''
  }
}

function problemOf({ path, place }: Missing, markerPlace: ProblemPlace = place ?? {}): TemplateProblem {
  return new TemplateProblem(
    `${path} is missing in the data. If it is optional, give it a default with ??`,
    markerPlace,
  )
}

/** Those that certainly have no default. */
async function withoutDefault(missing: readonly Missing[]): Promise<Missing[]> {
  const left = await Promise.all(missing.map(async (one) => ((await mayHaveDefault(one)) ? [] : [one])))
  return left.flat()
}
