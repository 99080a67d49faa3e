import type { TemplateContent } from '@loudmail/core'
import { previews, type Preview } from '@loudmail/content/previews'

/** What a preview of this content shows. */
export async function shown(content: TemplateContent): Promise<Preview> {
  const preview = await previews({ mail: { ...content, subject: content.subject ?? 'Tea' } }).show(
    'mail',
    'default',
  )
  return preview!
}

/** Its problems, each as `error link: …`. */
export async function problemsOf(content: TemplateContent): Promise<string[]> {
  const { problems, error } = await shown(content)
  if (error) throw error
  return problems.map(({ kind, level, message }) => `${level} ${kind}: ${message}`)
}
