import { failureOf } from '../../stores/mail-record.ts'
import { jsonAnswer, type Answer } from '../answer.ts'
import { problemAnswer } from '../api/problem-answer.ts'
import type { Place } from '../place.ts'
import { checkLinksOf } from './checked-links.ts'
import { previewAttachments } from './read-preview.ts'
import { previewsSearch } from './previews-query.ts'
import { sampleAt, samplesOf, type PreviewSample } from './sample-key.ts'
import type { ShownPreview, ShownPreviews } from './shown-previews.ts'

const NOTHING = 'There is nothing here. The API begins at api/samples.'

/** Answers a request to the JSON API of the previews. */
export async function previewsApiAnswer(
  previews: ShownPreviews,
  method: string,
  { pathname, base }: Place,
): Promise<Answer> {
  const [, whole, key, check] =
    /^\/api\/(samples)(?:\/([^/]+\/[^/]+?)(?:\/(check))?)?\/?$/.exec(pathname) ?? []
  if (whole === undefined) return problemAnswer(404, NOTHING)
  const methods = check === undefined ? ['GET', 'HEAD'] : ['POST']
  if (!methods.includes(method)) {
    const allow = methods.join(', ')
    return problemAnswer(405, `Only ${allow} can be used here.`, { allow })
  }
  if (key === undefined)
    return jsonAnswer({ samples: samplesOf(previews).map((each) => addressJson(each, base)) })
  const of = sampleAt(previews, key)
  const preview = of && (await previews.show(of.name, of.sample))
  if (!preview) return problemAnswer(404, 'There is no such sample.')
  if (check !== undefined) return jsonAnswer({ problems: await checkLinksOf(previews, of) })
  return jsonAnswer(previewJson(of, preview, base))
}

function addressJson({ name, sample, key }: PreviewSample, base: string): object {
  return {
    template: name,
    sample,
    url: `${base}api/samples/${key}`,
    pageUrl: `${base}${previewsSearch({ mail: key })}`,
  }
}

function previewJson(of: PreviewSample, preview: ShownPreview, base: string): object {
  const { error, subject, html, text, htmlOctets, clippedAt, problems } = preview
  return {
    ...addressJson(of, base),
    subject,
    html,
    text,
    htmlOctets,
    clippedAt,
    problems,
    attachments: previewAttachments(preview).map(({ filename, type, content, contentId, inline }, index) => ({
      filename,
      type,
      size: content.byteLength,
      contentId,
      inline,
      url: `${base}mails/${of.key}/attachments/${index}`,
    })),
    error: error && failureOf(error),
  }
}
