import { AwsV4Signer } from 'aws4fetch'
import type { ApiRequest } from '../api/call-api.ts'
import type { AwsCredentials } from './aws-credentials.ts'

/**
 * The header fields that sign a request (AWS Signature Version 4). They cover the host, the path and all octets of the body.
 *
 * @param base where the API is, as in the request
 */
export async function signatureFields(
  { method, path, body }: ApiRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { base, region }: { readonly base: string; readonly region: string },
): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method,
    url: `${base}${path}`,
    ...(body && { body: body as Uint8Array<ArrayBuffer> }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    service: 'ses',
    region,
  })
  const { headers } = await signer.sign()
  return Object.fromEntries(headers)
}
