import type { ShownPreviews } from './shown-previews.ts'

/** What `previews()` calls the only sample of a template. It is not shown. */
export const UNNAMED = 'default'

/** A sample of a template. */
export interface PreviewSample {
  readonly name: string
  readonly sample: string
  /** Its place in addresses: `welcome/ann`. */
  readonly key: string
}

/** All samples, in the order of their templates. */
export function samplesOf(previews: ShownPreviews): PreviewSample[] {
  return previews
    .list()
    .flatMap(({ name, samples }) =>
      samples.map((sample) => ({ name, sample, key: `${segment(name)}/${segment(sample)}` })),
    )
}

/** The sample at this place; undefined if there is none. */
export function sampleAt(previews: ShownPreviews, key: string | undefined): PreviewSample | undefined {
  return key === undefined ? undefined : samplesOf(previews).find((each) => each.key === key)
}

/** Any name as a part of a path that neither browsers nor proxies change: they decode `%2F`, and resolve `..`. */
function segment(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll('~', '%7E').replaceAll('%', '~')
  return /^\.*$/.test(encoded) ? `~${encoded.replaceAll('.', '2E~')}` : encoded
}
