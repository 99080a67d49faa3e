/** `sns.<region>.amazonaws.com`, in China with `.cn`. */
const HOST = String.raw`sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?`

const CERTIFICATE = new RegExp(
  String.raw`^https://${HOST}/SimpleNotificationService-[A-Za-z0-9]{1,128}\.pem$`,
)
const ORIGIN = new RegExp(String.raw`^https://${HOST}$`)

/**
 * Whether a URL is that of a certificate of Amazon SNS. The text is compared, and not what is read from it: no user, port,
 * escape or path can make it look like another.
 */
export function isCertificateUrl(url: string): boolean {
  return CERTIFICATE.test(url)
}

/** The URL that confirms a subscription, made anew from its parts; undefined if it does not lead to Amazon SNS. */
export function confirmationUrl(
  subscribeUrl: string | undefined,
  topicArn: string,
  token: string | undefined,
): string | undefined {
  if (subscribeUrl === undefined || token === undefined || !URL.canParse(subscribeUrl)) return undefined
  const { origin, pathname, searchParams, username, password } = new URL(subscribeUrl)
  const isRight =
    ORIGIN.test(origin) &&
    pathname === '/' &&
    username === '' &&
    password === '' &&
    searchParams.get('Action') === 'ConfirmSubscription' &&
    searchParams.get('TopicArn') === topicArn &&
    searchParams.get('Token') === token
  if (!isRight) return undefined
  return `${origin}/?${String(new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token }))}`
}
