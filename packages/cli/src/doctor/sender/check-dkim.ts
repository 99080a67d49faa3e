import { readDkimKey } from './read-dkim-key.ts'
import { fail, pass, skip, warn, type Finding, type Sender } from './sender.ts'

/** Names that providers and guides use. Amazon SES and others make up theirs, so nothing finds those. */
const COMMON_SELECTORS =
  'google selector1 selector2 default mail dkim email smtp mta s1 s2 k1 k2 k3 resend pm mandrill mg mxvault zoho fm1 fm2 fm3 protonmail protonmail2 protonmail3'.split(
    ' ',
  )

/** Looks at the key of one selector (RFC 6376 section 3.6.1). */
export async function checkDkimKey(selector: string, { domain, names }: Sender): Promise<Finding> {
  const name = `${selector}._domainkey.${domain}`
  const records = await names.texts(name)
  const [record] = records
  if (record === undefined)
    return fail(
      `There is no DKIM key at ${name}, so receivers cannot verify signatures with this selector. Publish the record that the provider shows, or correct the selector: it is s= in the DKIM-Signature header.`,
    )
  if (records.length > 1)
    return fail(
      `There are ${records.length} TXT records at ${name}, and receivers may read any of them. Leave only the one with the key.`,
    )
  return readDkimKey(record, name)
}

/** Looks which common selectors have a key. Which one signs is only known from a message. */
export async function findDkimKeys({ domain, names }: Sender): Promise<Finding> {
  const looked = await Promise.allSettled(
    COMMON_SELECTORS.map(async (selector) => {
      const name = `${selector}._domainkey.${domain}`
      const record = (await names.texts(name)).find((text) => /(?:^|;)\s*p\s*=/.test(text))
      return record === undefined ? [] : [{ selector, ...readDkimKey(record, name) }]
    }),
  )
  const found = looked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  const failed = looked.find((each) => each.status === 'rejected')
  if (failed && found.length === 0) throw failed.reason
  const how =
    'To look at the key that signs, give its name with --selector: it is s= in the DKIM-Signature header of a message.'
  if (found.length === 0) return skip(`None of the common selectors has a DKIM key. ${how}`)
  const good = found.filter(({ verdict }) => verdict === 'pass')
  const bad = found.filter(({ verdict }) => verdict !== 'pass')
  if (good.length === 0) return warn(`${bad.map(({ detail }) => detail).join(' ')} ${how}`)
  const others =
    bad.length > 0 ? ` Those at ${selectorsOf(bad)} are revoked, weak, broken or in test mode.` : ''
  return pass(`There are good keys at ${selectorsOf(good)}.${others} ${how}`)
}

const selectorsOf = (keys: readonly { selector: string }[]): string =>
  keys.map(({ selector }) => selector).join(', ')
