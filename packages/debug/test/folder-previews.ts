import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { MailError } from '@loudmail/core'
import type { PreviewProblem, ShownPreview, ShownPreviews } from '../src/index.ts'

const GMAIL_SHOWS = 102 * 1_024

/**
 * Previews of a folder: `welcome.html` is a template with `{{name}}` in it, `welcome.json` has its samples by name,
 * `welcome.txt` is its text, and every PNG goes with all of them.
 */
export class FolderPreviews implements ShownPreviews {
  readonly #folder: string
  readonly #axe: string | undefined
  /** How many watchers are open. */
  watching = 0

  constructor(folder: string, axe?: string) {
    this.#folder = folder
    this.#axe = axe
  }

  list(): { name: string; samples: string[] }[] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .map((file) => {
        const name = basename(file, '.json')
        return { name, samples: Object.keys(this.#samples(name)) }
      })
  }

  async show(name: string, sample: string): Promise<ShownPreview | undefined> {
    const data = this.#samples(name)[sample]
    if (!data) return undefined
    const nothing = { attachments: [], htmlOctets: 0, problems: [] }
    try {
      const html = this.#rendered(`${name}.html`, data)
      const text = this.#rendered(`${name}.txt`, data)
      const htmlOctets = Buffer.byteLength(html ?? '')
      const isLarge = htmlOctets > GMAIL_SHOWS
      const problems: PreviewProblem[] = [
        ...(isLarge ? [{ kind: 'size', level: 'error', message: 'Gmail cuts it off.' } as const] : []),
        ...(text === undefined
          ? [{ kind: 'text', level: 'warning', message: 'There is no text part: add <text>.' } as const]
          : []),
      ]
      const subject = /<title>(.*)<\/title>/.exec(html ?? '')?.[1]
      const clippedAt = isLarge ? Buffer.from(html!).subarray(0, GMAIL_SHOWS).toString().length : undefined
      return { subject, html, text, htmlOctets, clippedAt, problems, attachments: this.#images() }
    } catch (error) {
      return { ...nothing, error: error as MailError }
    }
  }

  async checkLinks(name: string, sample: string): Promise<PreviewProblem[]> {
    const { html = '' } = (await this.show(name, sample)) ?? {}
    const asked = Array.from(html.matchAll(/href="(http[^"]*)"/g), async ([, url]) => {
      const { status } = await fetch(url!, { method: 'HEAD', headers: { connection: 'close' } })
      return status < 400
        ? []
        : [{ kind: 'link', level: 'error', message: `${url} answers ${status}.` } as const]
    })
    return (await Promise.all(asked)).flat()
  }

  watch(changed: () => void): () => void {
    const watcher = watch(this.#folder, changed)
    this.watching++
    return () => {
      this.watching--
      watcher.close()
    }
  }

  async axe(): Promise<string | undefined> {
    return this.#axe
  }

  #samples(name: string): Record<string, Record<string, string>> {
    return JSON.parse(readFileSync(join(this.#folder, `${name}.json`), 'utf8')) as never
  }

  #images(): ShownPreview['attachments'] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith('.png'))
      .map((file) => ({
        filename: file,
        contentType: 'image/png',
        contentId: basename(file, '.png'),
        bytes: readFileSync(join(this.#folder, file)),
      }))
  }

  #rendered(name: string, data: Readonly<Record<string, string>>): string | undefined {
    const file = join(this.#folder, name)
    if (!existsSync(file)) return undefined
    const source = readFileSync(file, 'utf8')
    return source.replaceAll(/\{\{(\w+)\}\}/g, (_whole, variable: string, at: number) => {
      if (data[variable] !== undefined) return data[variable]
      const before = source.slice(0, at).split('\n')
      const line = before.length
      const column = before.at(-1)!.length + 1
      const excerpt = `${line} | ${source.split('\n')[line - 1]}\n${' '.repeat(column + 3)}^`
      throw new MailError({
        stage: 'compose',
        kind: 'template',
        summary: `"${variable}" is not in the data`,
        location: { file, line, column, excerpt },
      })
    })
  }
}
