import { hasMarkers } from '../missing/marker.ts'
import { renderComplete } from '../missing/render-complete.ts'
import type { Bundle } from './bundle.ts'
import type { TagPlace } from './compiler.ts'

/**
 * Renders, and fails also if a value that is missing is in a longer text, as in `<%= `Dear ${it.name}` %>`.
 *
 * @throws TemplateProblem
 */
export async function renderBundle(
  bundle: Bundle,
  data: unknown,
  { locale, strict }: { readonly locale: string | undefined; readonly strict: boolean },
): Promise<string> {
  if (!strict) return bundle.render(copyOf(data), locale)
  let place: TagPlace | undefined
  let isFirst = true
  return renderComplete(data, {
    async render(watched) {
      place = undefined
      // Without markers, there is nothing to look for.
      if (isFirst) {
        isFirst = false
        return bundle.render(watched as object, locale)
      }
      return bundle.render(watched as object, locale, (text, at) => {
        if (hasMarkers(text)) place ??= at
      })
    },
    textOf: (text) => text,
    copy: copyOf,
    placeOfMarker: () => place,
  })
}

/** A template that sets a property of `it` changes its own copy. Objects of classes stay as they are: a copy would have none of their getters. */
function copyOf(data: unknown): object {
  const prototype: unknown = typeof data === 'object' && data !== null ? Object.getPrototypeOf(data) : null
  return prototype === null || prototype === Object.prototype ? { ...(data as object) } : (data as object)
}
