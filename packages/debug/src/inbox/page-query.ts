/** What the page shows. All of it is in the address, so that the page can be shared and reloaded. */
export interface PageQuery {
  readonly search: string
  /** Only sends that failed. */
  readonly failed: boolean
  readonly before: string | undefined
  readonly mail: string | undefined
  readonly view: string | undefined
  readonly width: 'desktop' | 'phone'
  /** Whether remote content is loaded. */
  readonly remote: boolean
}

export function pageQuery(parameters: URLSearchParams): PageQuery {
  const get = (name: string): string | undefined => parameters.get(name) ?? undefined
  return {
    search: get('q') ?? '',
    failed: get('failed') === '1',
    before: get('before'),
    mail: get('mail'),
    view: get('view'),
    width: get('width') === 'phone' ? 'phone' : 'desktop',
    remote: get('remote') === '1',
  }
}

/** The address of that page, relative to the inbox. */
export function pageUrl({ search, failed, before, mail, view, width, remote }: PageQuery): string {
  const parameters = new URLSearchParams()
  if (search !== '') parameters.set('q', search)
  if (failed) parameters.set('failed', '1')
  if (before !== undefined) parameters.set('before', before)
  if (mail !== undefined) parameters.set('mail', mail)
  if (mail !== undefined && view !== undefined) parameters.set('view', view)
  if (mail !== undefined && width === 'phone') parameters.set('width', width)
  if (mail !== undefined && remote) parameters.set('remote', '1')
  return parameters.size > 0 ? `./?${parameters.toString()}` : './'
}
