import type { TemplateContent } from '@loudmail/core'
import type { RenderContext } from './engine.ts'
import type { FinishOptions } from './finish-options.ts'
import { finish } from './finish/finish.ts'
import type { Part } from './part.ts'

/** Renders all parts and completes the result. */
export async function renderParts(
  parts: readonly Part[],
  data: unknown,
  context: RenderContext,
  about: {
    readonly file: string
    readonly folder: string
    readonly isInlined: boolean
    readonly reload: boolean
  },
  options: FinishOptions,
): Promise<TemplateContent> {
  const content: { -readonly [name in keyof TemplateContent]: TemplateContent[name] } = {}
  for (const part of parts) content[part.source.part] = await part.render(data, context)
  const html = parts.find((part) => part.source.part === 'html')
  content.subject ??= await html?.subject(data, context)
  if (content.subject !== undefined) content.subject = content.subject.trim()
  const files = [...new Set(parts.flatMap((part) => part.files))]
  return finish({ content, files, ...about }, options)
}
