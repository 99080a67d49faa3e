import { invalid } from '../api/provider-data.ts'

/** Which links Postmark replaces, to see who clicks on them. */
export type PostmarkTrackLinks = 'None' | 'HtmlAndText' | 'HtmlOnly' | 'TextOnly'

/** What `transportData.postmark` may contain. What it does not say is as in the options of `postmark()`. */
export interface PostmarkData {
  /** The id of a message stream, such as `broadcast`. @default 'outbound' */
  readonly messageStream?: string | undefined
  /** Whether Postmark puts an image into the HTML, to see who opens the message. @default what the server at Postmark does */
  readonly trackOpens?: boolean | undefined
  /** Which links it replaces. @default what the server at Postmark does */
  readonly trackLinks?: PostmarkTrackLinks | undefined
  /** The alias of a template of Postmark, which then brings the subject and the text. @default none */
  readonly templateAlias?: string | undefined
  /** What fills the template. @default nothing */
  readonly templateModel?: Readonly<Record<string, unknown>> | undefined
}

const TRACK_LINKS: readonly string[] = ['None', 'HtmlAndText', 'HtmlOnly', 'TextOnly']

/**
 * Checks fields that come from options or from `transportData`.
 *
 * @param owner how errors call it, such as `transportData.postmark`
 * @param fail makes the error
 */
export function checkPostmarkData(
  owner: string,
  data: PostmarkData,
  fail: (summary: string) => Error = invalid,
): void {
  const { messageStream, trackOpens, trackLinks, templateAlias, templateModel } = data
  const isText = (value: unknown): boolean =>
    value === undefined || (typeof value === 'string' && value !== '')
  if (!isText(messageStream)) throw fail(`${owner} messageStream must be a text, such as 'outbound'`)
  if (trackOpens !== undefined && typeof trackOpens !== 'boolean')
    throw fail(`${owner} trackOpens must be true or false`)
  if (trackLinks !== undefined && !TRACK_LINKS.includes(trackLinks))
    throw fail(`${owner} trackLinks must be ${TRACK_LINKS.join(', ')}`)
  if (!isText(templateAlias)) throw fail(`${owner} templateAlias must be a text`)
  if (templateModel === undefined) return
  if (typeof templateModel !== 'object' || templateModel === null || Array.isArray(templateModel))
    throw fail(`${owner} templateModel must be an object`)
  if (templateAlias === undefined) throw fail(`${owner} templateModel is for a template: set templateAlias`)
}
