/**
 * A region, such as `eu-west-1` or `us-gov-west-1`. It must look like one: `sns.s3.amazonaws.com` and
 * `sns.s3-eu-west-1.amazonaws.com` are a bucket of S3 with the name `sns`, and anybody could own it.
 */
const REGION = String.raw`[a-z]{2,4}(?:-[a-z]{2,15}){1,3}-\d{1,2}`
/** `sns.<region>.amazonaws.com`, in China with `.cn`. */
const HOST = String.raw`sns\.${REGION}\.amazonaws\.com(?:\.cn)?`

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
