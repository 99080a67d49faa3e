import type { TemplateInput } from '@loudmail/core'
import { checkNumber, checkOptions } from '@loudmail/core/transport'
import { axeScript } from './axe.ts'
import { readHtml } from './html/read-html.ts'
import { checkLinks } from './links/check-links.ts'
import type { Preview, Previews } from './preview.ts'
import { findProblems } from './problems/find-problems.ts'
import { measure } from './problems/size-problems.ts'
import { renderSample, whyNotRendered, type Rendered } from './render-sample.ts'
import { readSamples, type PreviewTemplates } from './samples.ts'
import { watchedPaths } from './watching/watched-paths.ts'
import { Watching } from './watching/watching.ts'

/** How templates are previewed. */
export interface PreviewOptions {
  /**
   * More files and folders to watch, as paths or `file:` URLs, such as the folder of components in a program that loads them
   * anew. The files of templates are watched already.
   */
  readonly watch?: string | URL | readonly (string | URL)[] | undefined
  /** How long rendering a sample may take, with reading its files, in milliseconds. @default 10_000 */
  readonly deadlineMs?: number | undefined
}

/**
 * Templates with sample data, for the inbox page: `inbox(store, { previews: previews({ welcome: welcome({ name: 'Ann' }) }) })`.
 * A sample is anything that `template` of a message takes. Several samples of a template have names:
 * `{ receipt: { 'one tea': receipt(…), 'many teas': receipt(…) } }`; a single one is called `default`.
 *
 * @throws MailError `config/invalid-config`, which names the template or the option
 */
export function previews(templates: PreviewTemplates, options: PreviewOptions = {}): Previews {
  checkOptions(options, 'previews()', { watch: true, deadlineMs: true })
  const { deadlineMs = 10_000 } = options
  checkNumber(deadlineMs, 'deadlineMs of previews()', 1)
  const samples = readSamples(templates)
  const all = Array.from(samples.values(), (each) => [...each.values()]).flat()
  const own = watchedPaths(options.watch)
  const watching = new Watching(() => [...own, ...filesOf(all)])
  const find = (name: string, sample: string): TemplateInput | undefined => samples.get(name)?.get(sample)

  return {
    list: () => Array.from(samples, ([name, each]) => ({ name, samples: [...each.keys()] })),
    async show(name, sample) {
      const template = find(name, sample)
      if (template === undefined) return undefined
      const shown = await show(template, deadlineMs)
      // Some engines know their partials only now.
      watching.refresh()
      return shown
    },
    async checkLinks(name, sample) {
      const template = find(name, sample)
      const rendered = template && (await renderSample(template, deadlineMs).catch(() => undefined))
      return rendered?.message.html === undefined ? [] : checkLinks(readHtml(rendered.message.html))
    },
    watch: (changed) => watching.add(changed),
    axe: axeScript,
  }
}

async function show(template: TemplateInput, deadlineMs: number): Promise<Preview> {
  let rendered: Rendered
  try {
    rendered = await renderSample(template, deadlineMs)
  } catch (error) {
    return { error: whyNotRendered(error), attachments: [], htmlOctets: 0, problems: [] }
  }
  const { subject, text, html } = rendered.message
  const size = measure(html ?? '')
  const attachments = rendered.attachments.map(({ filename, contentType, contentId, bytes }) => ({
    filename,
    contentType,
    contentId,
    bytes,
  }))
  return { subject, text, html, attachments, ...size, problems: findProblems(rendered, size.htmlOctets) }
}

/** A template of `@loudmail/content` knows its files. */
function filesOf(samples: readonly TemplateInput[]): readonly string[] {
  return samples.flatMap((sample) => {
    const { files } = sample as { readonly files?: unknown }
    return typeof sample === 'function' && typeof files === 'function' ? (files() as readonly string[]) : []
  })
}
