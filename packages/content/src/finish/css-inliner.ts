import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TemplateProblem } from '../template-problem.ts'
import { isNestedDeeper } from './nesting.ts'

type Library = typeof import('@css-inline/css-inline-wasm')
type Inline = (html: string) => string

const PACKAGE = '@css-inline/css-inline-wasm'
const WASM = 'index_bg.wasm'

/** The library stops for ever at about 1500 elements in one another. */
const DEEPEST = 600

let loading: Promise<Inline> | undefined

/**
 * The library that moves rules into elements. It is loaded once, by the first mail that needs it.
 *
 * @throws TemplateProblem
 */
export async function cssInliner(): Promise<(html: string) => Promise<string>> {
  loading ??= load(import('@css-inline/css-inline-wasm'))
  await loading
  return inlined
}

async function inlined(html: string): Promise<string> {
  if (isNestedDeeper(html, DEEPEST)) throw tooDeep()
  let used: typeof loading
  let inline: Inline
  do {
    // It may have stopped for another mail while this one waits.
    used = loading ??= load(import('@css-inline/css-inline-wasm'))
    inline = await used
  } while (used !== loading)
  try {
    return inline(html)
  } catch (cause) {
    if (hasStopped(cause)) {
      loading = load(loadedAgain())
      loading.catch(() => {})
    }
    throw hasStopped(cause) ? tooDeep(cause) : cause
  }
}

function tooDeep(cause?: unknown): TemplateProblem {
  return new TemplateProblem(
    'the HTML or its CSS is nested too deep for the CSS to be inlined. inlineCss: false leaves it as it is',
    { cause },
  )
}

/** After such an error, WebAssembly fails for ever, whatever HTML it gets. */
function hasStopped(cause: unknown): boolean {
  return cause instanceof RangeError || (cause instanceof Error && cause.name === 'RuntimeError')
}

/** A module that was imported stays as it is for ever. One that was required can be forgotten. */
async function loadedAgain(): Promise<Library> {
  const require = createRequire(import.meta.url)
  delete require.cache[require.resolve(PACKAGE)]
  return require(PACKAGE) as Library
}

async function load(library: Promise<Library>): Promise<Inline> {
  try {
    const { initWasm, inline } = await library
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
