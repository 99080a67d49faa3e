import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TemplateProblem } from '../template-problem.ts'

type Inline = (html: string) => string

const PACKAGE = '@css-inline/css-inline-wasm'
const WASM = 'index_bg.wasm'

let loading: Promise<Inline> | undefined

/** The library that moves rules into elements. It is loaded once, by the first mail that needs it. */
export async function cssInliner(): Promise<Inline> {
  loading ??= load()
  return loading
}

async function load(): Promise<Inline> {
  try {
    const { initWasm, inline } = await import('@css-inline/css-inline-wasm')
    // Its type knows only the older way to give the octets.
    const initialise = initWasm as unknown as (options: { module_or_path: Uint8Array }) => Promise<void>
    await initialise({ module_or_path: await readWasm() })
    return (html) =>
      inline(html, { removeInlinedSelectors: true, keepLinkTags: true, loadRemoteStylesheets: false })
  } catch (cause) {
    loading = undefined
    throw new TemplateProblem(
      `the library that inlines CSS cannot be loaded. Is this a bundle? Then copy ${WASM} of ${PACKAGE} beside it, or install that package where it runs. inlineCss: false does without it`,
      { cause },
    )
  }
}

/** Reads it as installed; for a bundle also as installed where the program is, or as a file beside it. */
async function readWasm(): Promise<Uint8Array> {
  // In a bundle, import.meta.url is that of the bundle, that of the machine that made it, or nothing.
  const own: string | undefined = import.meta.url
  const programs = [process.argv[1], join(process.cwd(), 'program')].filter((path) => path !== undefined)
  const lookUps = [
    ...[own, ...programs]
      .filter((from) => from !== undefined)
      .map((from) => () => createRequire(from).resolve(`${PACKAGE}/${WASM}`)),
    ...programs.map((path) => () => join(dirname(path), WASM)),
  ]
  let first: unknown
  for (const lookUp of lookUps)
    try {
      return await readFile(lookUp())
    } catch (error) {
      first ??= error
    }
  throw first
}
