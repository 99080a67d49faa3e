import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

type Inliner = typeof import('@css-inline/css-inline-wasm')

let loading: Promise<Inliner> | undefined

/** Moves the rules of `<style>` elements into `style` attributes. Rules that cannot move stay. */
export async function inlineCss(html: string): Promise<string> {
  if (!/<style[\s>]/i.test(html)) return html
  loading ??= load()
  const { inline } = await loading
  return inline(html, { keepAtRules: true, removeInlinedSelectors: true, loadRemoteStylesheets: false })
}

async function load(): Promise<Inliner> {
  const inliner = await import('@css-inline/css-inline-wasm')
  const wasm = createRequire(import.meta.url).resolve('@css-inline/css-inline-wasm/index_bg.wasm')
  await inliner.initWasm({ module_or_path: await readFile(wasm) })
  return inliner
}
