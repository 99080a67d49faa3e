import { createHash, createHmac } from 'node:crypto'

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * The signature that AWS computes for a request, written from its documentation and with nothing but `node:crypto`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureOf(
  { method, target, headers, body }: SignedRequest,
  signed: readonly string[],
  scope: string,
  secret: string,
): string {
  const [path = '/', query = ''] = target.split('?')
  const canonical = [
    method,
    path
      .split('/')
      .map((segment) => encodeURIComponent(segment))
      .join('/'),
    query.split('&').toSorted().join('&'),
    ...signed.map((name) => `${name}:${headers[name]!.trim().replaceAll(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(Buffer.from(canonical))].join('\n')
  const key = scope.split('/').reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${secret}`))
  return hmac(key, toSign).toString('hex')
}

/** What the Authorization field says. */
export function readAuthorization(field: string): {
  readonly accessKeyId: string
  readonly scope: string
  readonly signed: readonly string[]
  readonly signature: string
} {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, accessKeyId, scope, signed, signature] = form.exec(field)!
  return { accessKeyId: accessKeyId!, scope: scope!, signed: signed!.split(';'), signature: signature! }
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
