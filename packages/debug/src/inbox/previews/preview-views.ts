import { attachmentsView } from '../attachments-view.ts'
import { linkedText, type View } from '../content-views.ts'
import { html, type Html } from '../html.ts'
import { accessibilityView } from './accessibility-view.ts'
import { frameView } from './frame-view.ts'
import { allProblems, type PreviewFacts } from './preview-facts.ts'
import type { PreviewsQuery } from './previews-query.ts'
import { previewAttachments } from './read-preview.ts'
import { problemsView } from './problems-view.ts'
import type { ShownPreview } from './shown-previews.ts'
import { sourceView } from './source-view.ts'

/** A sample that was rendered, in every way. */
export function previewViews(facts: PreviewFacts, query: PreviewsQuery): View[] {
  const { of, preview, checked } = facts
  const { html: source, attachments } = preview
  const problems = allProblems(preview, checked)
  const count = problems.length > 0 ? ` (${problems.length})` : ''
  const views: (View | false)[] = [
    source !== undefined && {
      name: 'html',
      title: 'HTML',
      show: () => frameView(of.key, source, query, preview.clippedAt !== undefined),
    },
    { name: 'text', title: 'Text', show: () => textView(preview) },
    source !== undefined && { name: 'source', title: 'HTML source', show: () => sourceView(of.key, preview) },
    attachments.length > 0 && {
      name: 'attachments',
      title: `Attachments (${attachments.length})`,
      show: () => attachmentsView(of.key, { headers: [], attachments: previewAttachments(preview) }),
    },
    { name: 'problems', title: `Problems${count}`, show: () => problemsView(problems, checked, query) },
    source !== undefined && {
      name: 'accessibility',
      title: 'Accessibility',
      show: () => accessibilityView(of.key, facts.hasAxe),
    },
  ]
  return views.filter((view) => view !== false)
}

function textView({ text }: ShownPreview): Html {
  return text === undefined || text.trim() === ''
    ? html`<p class="problem error">
        There is no text part. Programs that show no HTML show an empty mail, and filters take it for spam.
      </p>`
    : linkedText(text)
}
