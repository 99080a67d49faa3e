import { MailError } from '@loudmail/core'
import { configError, credential, missingCredential, type Secrets } from '@loudmail/core/transport'

/** The key of an AWS user or role, as the functions of `@aws-sdk/credential-providers` return it. */
export interface AwsCredentials {
  /** `AKIA...`, or `ASIA...` if it is temporary. */
  readonly accessKeyId: string
  /** The secret that belongs to it. */
  readonly secretAccessKey: string
  /** The token of a temporary key. */
  readonly sessionToken?: string | undefined
  /** When a temporary key ends; a new one is fetched five minutes before. @default when AWS says that it has ended */
  readonly expiration?: Date | undefined
}

/** Where a key comes from. */
export interface CredentialOptions {
  /** The id of an access key. @default the environment variable AWS_ACCESS_KEY_ID */
  readonly accessKeyId?: string | undefined
  /** The secret of the access key. @default the environment variable AWS_SECRET_ACCESS_KEY */
  readonly secretAccessKey?: string | undefined
  /** The token of a temporary key. @default the environment variable AWS_SESSION_TOKEN, if the key comes from there, too */
  readonly sessionToken?: string | undefined
  /** Returns a key, such as `fromNodeProviderChain()` of `@aws-sdk/credential-providers`. It is called again when the key has ended. */
  readonly credentials?: (() => Promise<AwsCredentials>) | undefined
}

/** Gives the key, and another one if that was refused. */
export interface CredentialSource {
  /**
   * @param renew the last one was refused
   * @returns undefined if there is no other one
   * @throws MailError `submit/missing-credentials`
   */
  get(renew: boolean): Promise<AwsCredentials | undefined>
}

/**
 * @param secrets where every key is remembered that must not be shown
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 */
export function credentialSource(options: CredentialOptions, secrets: Secrets): CredentialSource {
  const { credentials, accessKeyId, secretAccessKey, sessionToken } = options
  const isGiven = [accessKeyId, secretAccessKey, sessionToken].some((each) => each !== undefined)
  if (credentials === undefined) {
    const fixed = isGiven ? checked(options) : fromEnvironment()
    remember(fixed, secrets)
    return { get: (renew) => Promise.resolve(renew ? undefined : fixed) }
  }
  if (typeof credentials !== 'function')
    throw configError('ses() credentials must be a function that returns a promise of a key')
  if (isGiven)
    throw configError('ses() takes either accessKeyId and secretAccessKey, or credentials, and not both')
  return fetched(credentials, secrets)
}

function checked(given: CredentialOptions): AwsCredentials {
  const { sessionToken } = given
  return {
    accessKeyId: credential('ses()', 'accessKeyId', given.accessKeyId),
    secretAccessKey: credential('ses()', 'secretAccessKey', given.secretAccessKey),
    ...(sessionToken !== undefined && { sessionToken: credential('ses()', 'sessionToken', sessionToken) }),
  }
}

function fromEnvironment(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw missingCredential(
      'ses() needs accessKeyId and secretAccessKey, or credentials, or the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  return checked({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  })
}

/** So long before its end, a key counts as ended, so that no request is signed with one that ends on the way. */
const BEFORE_END_MS = 300_000

function fetched(fetch: () => Promise<AwsCredentials>, secrets: Secrets): CredentialSource {
  let last: AwsCredentials | undefined
  let fetching: Promise<AwsCredentials> | undefined
  const renewed = async (): Promise<AwsCredentials> => {
    // One fetch for all messages that wait.
    fetching ??= fetchKey(fetch, secrets).finally(() => (fetching = undefined))
    return (last = await fetching)
  }
  return {
    get: async (renew) => (last && !renew && !isOver(last) ? last : renewed()),
  }
}

function isOver({ expiration }: AwsCredentials): boolean {
  return expiration !== undefined && expiration.getTime() - BEFORE_END_MS <= Date.now()
}

async function fetchKey(fetch: () => Promise<AwsCredentials>, secrets: Secrets): Promise<AwsCredentials> {
  let key: AwsCredentials
  try {
    key = await fetch()
  } catch (error) {
    if (MailError.is(error)) throw error
    throw new MailError({
      stage: 'submit',
      kind: 'missing-credentials',
      permanence: 'transient',
      summary: 'ses() credentials() failed, so there is no key to sign with',
      hint: 'Look at the cause. The file, the role or the service that the key comes from may not be reachable.',
      cause: error,
      redact: secrets.redact,
    })
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = (key ?? {}) as Partial<AwsCredentials>
  const isKey = isText(accessKeyId) && isText(secretAccessKey) && (!sessionToken || isText(sessionToken))
  const isTimed =
    expiration === undefined || (expiration instanceof Date && !Number.isNaN(expiration.getTime()))
  if (!isKey || !isTimed)
    throw new MailError({
      stage: 'submit',
      kind: 'missing-credentials',
      summary: 'ses() credentials() returned something else than a key',
      hint: 'It must return a promise of { accessKeyId, secretAccessKey, sessionToken?, expiration? }, in which `expiration` is a Date.',
    })
  remember(key, secrets)
  return key
}

function isText(value: unknown): value is string {
  // oxlint-disable-next-line no-control-regex
  return typeof value === 'string' && value !== '' && !/[\x00-\x20\x7F]/.test(value)
}

function remember({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials, secrets: Secrets): void {
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) secrets.add(secret)
}
