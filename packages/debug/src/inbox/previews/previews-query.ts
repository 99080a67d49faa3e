/** What the page shows. All of it is in the address, so that the page can be shared and reloaded. */
export interface PreviewsQuery {
  /** The place of the sample that is open: `welcome/ann`. */
  readonly mail?: string | undefined
  readonly view?: string | undefined
  readonly width?: 'phone' | undefined
  readonly scheme?: 'dark' | undefined
  /** Whether remote content is loaded. */
  readonly remote?: 1 | undefined
}

export function previewsQuery(parameters: URLSearchParams): PreviewsQuery {
  const get = (name: string): string | undefined => parameters.get(name) ?? undefined
  return {
    mail: get('mail'),
    view: get('view'),
    width: get('width') === 'phone' ? 'phone' : undefined,
    scheme: get('scheme') === 'dark' ? 'dark' : undefined,
    remote: get('remote') === '1' ? 1 : undefined,
  }
}

/** The parameters of the address of that page: `?mail=welcome%2Fann`; empty if there are none. */
export function previewsSearch(query: PreviewsQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}

/** The address of that page, relative to the previews. */
export function previewsUrl(query: PreviewsQuery): string {
  return `./${previewsSearch(query)}`
}
