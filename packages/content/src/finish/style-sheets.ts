import { dirname } from 'node:path'
import { BrokenCss, cssParts, type CssPart } from './css-parts.ts'
import { FileRefusal, meansFile, pathOfUrl, readLocal } from './local-file.ts'
import { problemWith } from './place-in-files.ts'
import type { Attribute, Scanned, Tag } from './scanned.ts'

/** CSS of a `<style>`, or of a file that a `<link>` names. */
export interface StyleSheet {
  readonly css: string
  /** The element, with its end. */
  readonly start: number
  readonly end: number
  /** The tag that opens a `<style>`, as it is written; `<style>` for a link. */
  readonly opening: string
  /** The path of its file; undefined for a `<style>`. */
  readonly file: string | undefined
}

const MOST_OCTETS = 1_048_576

/**
 * The style sheets whose rules can move. Those for print and other media, and remote ones, stay as they are.
 *
 * @throws TemplateProblem if a file cannot be read
 */
export async function styleSheets(
  html: string,
  { tags, styles }: Scanned,
  folder: string,
  files: readonly string[],
): Promise<StyleSheet[]> {
  const found: StyleSheet[] = []
  for (const { tag, start, end } of styles) {
    if (tag.inComment || !isForAll(tag)) continue
    const close = html.indexOf('>', end) + 1
    found.push({
      css: html.slice(start, end),
      start: tag.start,
      end: close,
      opening: html.slice(tag.start, start),
      file: undefined,
    })
  }
  for (const tag of tags) {
    const href = linkedSheet(tag)
    if (!href) continue
    try {
      const path = pathOfUrl(href.value.trim(), folder, folder)
      // What it names may come from data, and no other file is for readers.
      if (!/\.css$/i.test(path)) throw new FileRefusal('is not a file that ends in .css')
      const { bytes } = await readLocal(path, folder, MOST_OCTETS)
      const css = bytes
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .replace(/^@charset[^;]*;/i, '')
      found.push({ css, start: tag.start, end: tag.end, opening: '<style>', file: path })
    } catch (cause) {
      if (!(cause instanceof FileRefusal)) throw cause
      const what = `the style sheet ${JSON.stringify(href.value.slice(0, 200))} ${cause.message.replace('of the images', 'of the template')}`
      throw await problemWith(what, html.slice(href.start, href.end), files)
    }
  }
  return found.toSorted((a, b) => a.start - b.start)
}

/** @throws TemplateProblem if its brackets do not match */
export async function partsOf({ css, file }: StyleSheet, files: readonly string[]): Promise<CssPart[]> {
  try {
    return cssParts(css)
  } catch (cause) {
    if (!(cause instanceof BrokenCss)) throw cause
    const lines = cause.before.split('\n')
    const written = lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
    throw await problemWith(cause.message, written, file === undefined ? files : [file])
  }
}

/** The folder that the paths of images in a style sheet start from. */
export function baseOf({ file }: StyleSheet, folder: string): string {
  return file === undefined ? folder : dirname(file)
}

function linkedSheet(tag: Tag): Attribute | undefined {
  if (tag.name !== 'link' || tag.inComment || !isForAll(tag)) return undefined
  const rel = valueOf(tag, 'rel')?.toLowerCase().split(/\s+/) ?? []
  const href = tag.attributes.find(({ name }) => name === 'href')
  return rel.includes('stylesheet') && !rel.includes('alternate') && href && meansFile(href.value.trim())
    ? href
    : undefined
}

function isForAll(tag: Tag): boolean {
  const media = valueOf(tag, 'media')?.trim().toLowerCase() ?? ''
  const type = valueOf(tag, 'type')?.trim().toLowerCase() ?? ''
  return (
    ['', 'all', 'screen'].includes(media) &&
    ['', 'text/css'].includes(type) &&
    valueOf(tag, 'data-css-inline') !== 'ignore'
  )
}

function valueOf(tag: Tag, name: string): string | undefined {
  return tag.attributes.find((attribute) => attribute.name === name)?.value
}
