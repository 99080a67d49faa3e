import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { TemplateProblem } from '../template-problem.ts'

type Inline = (html: string) => string

let loading: Promise<Inline> | undefined

/** The library that moves rules into elements. It is loaded once, by the first mail that needs it. */
export async function cssInliner(): Promise<Inline> {
  loading ??= load()
  return loading
}

async function load(): Promise<Inline> {
  try {
    const { initWasm, inline } = await import('@css-inline/css-inline-wasm')
    const wasm = createRequire(import.meta.url).resolve('@css-inline/css-inline-wasm/index_bg.wasm')
    // Its type knows only the older way to give the octets.
    const initialise = initWasm as unknown as (options: { module_or_path: Uint8Array }) => Promise<void>
    await initialise({ module_or_path: await readFile(wasm) })
    return (html) =>
      inline(html, { removeInlinedSelectors: true, keepLinkTags: true, loadRemoteStylesheets: false })
  } catch (cause) {
    loading = undefined
    throw new TemplateProblem(
      'the library that inlines CSS cannot be loaded. A bundler must leave @css-inline/css-inline-wasm out of the bundle; inlineCss: false does without it',
      { cause },
    )
  }
}
