import { randomUUID } from 'node:crypto'
import type { ApiRequest } from '../api/call-api.ts'

/** A name and its value, in the order in which they are sent. */
export type FormField = readonly [name: string, value: string]

/** A form with a file, as octets of a known length (RFC 7578). */
export function formBody(
  fields: readonly FormField[],
  file: { readonly name: string; readonly filename: string; readonly bytes: Uint8Array } | undefined,
): Required<Pick<ApiRequest, 'headers' | 'body'>> {
  const boundary = `loudmail-${randomUUID()}`
  const parts = fields.map(([name, value]) => `--${boundary}\r\n${disposition(name)}\r\n\r\n${value}\r\n`)
  const begin = file
    ? `--${boundary}\r\n${disposition(file.name)}; filename="${file.filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`
    : ''
  const body = Buffer.concat([
    Buffer.from(parts.join('') + begin),
    file?.bytes ?? new Uint8Array(),
    Buffer.from(`${file ? '\r\n' : ''}--${boundary}--\r\n`),
  ])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, accept: 'application/json' }
  return { headers, body }
}

/** A form without a recipient, which is always refused. */
export function emptyForm(): Required<Pick<ApiRequest, 'headers' | 'body'>> {
  return formBody([['o:testmode', 'yes']], undefined)
}

/** Names are quoted as browsers do it. */
function disposition(name: string): string {
  const quoted = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  return `Content-Disposition: form-data; name="${quoted}"`
}
