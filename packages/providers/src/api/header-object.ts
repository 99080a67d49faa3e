import { customFieldValue } from '@loudmail/mime'
import { invalid } from './provider-data.ts'

/**
 * Header fields as a JSON object, each value in one line of ASCII (RFC 2047).
 *
 * @throws MailError `compose/invalid-message` if a field occurs twice, since an object has room for one
 */
export function headerObject(
  fields: readonly (readonly [name: string, value: string])[],
  title: string,
): Record<string, string> {
  const seen = new Set<string>()
  for (const [name] of fields) {
    if (seen.has(name.toLowerCase()))
      throw invalid(
        `${title} takes every header field once, and this message has ${name} several times`,
        'Write the values into one field, or give the fields different names.',
      )
    seen.add(name.toLowerCase())
  }
  return Object.fromEntries(fields.map(([name, value]) => [name, customFieldValue(name, value)]))
}
