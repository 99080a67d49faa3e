import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { checkOptions, configError } from '@loudmail/core/transport'
import { fieldName, relaxedField, type Digest } from './dkim-canonical.ts'
import { headerField } from '../header/header-field.ts'

/** Who signs, and how. */
export interface DkimOptions {
  /** The signing domain, in ASCII. */
  readonly domain: string
  /** Where the public key is in the DNS: `<selector>._domainkey.<domain>`. */
  readonly selector: string
  /** As PEM or as a key object. An RSA key signs with rsa-sha256, an Ed25519 key with ed25519-sha256 (RFC 8463). */
  readonly privateKey: string | Buffer | KeyObject
  /**
   * The fields to sign. Naming a field once more than the message has it keeps others from adding one. If the message offers
   * one-click unsubscribing, List-Unsubscribe and List-Unsubscribe-Post are signed in any case (RFC 8058 section 4).
   *
   * @default the fields that RFC 6376 section 5.4.1 recommends, each once more than the message has it. All but Date,
   * Message-ID, Sender, MIME-Version and the List- fields are signed even if the message has none.
   */
  readonly headers?: readonly string[] | undefined
}

/** Creates DKIM-Signature fields. Made by {@link dkimSigner}. */
export interface DkimSigner {
  /** The field with its CRLF. */
  sign(digest: Digest): string
}

/**
 * Fields that a message may have once (RFC 5322 section 3.6, RFC 2045). They are signed once more than the message has them,
 * also if it has none, so that nobody can add one that mail programs show instead (RFC 6376 section 8.15).
 */
const NEVER_ADDED =
  'from to cc subject reply-to in-reply-to references content-type content-transfer-encoding'.split(' ')
/** The same, but only if the message has them: a relay adds Date, Message-ID or Sender to a message without, a list its List fields. */
const ADDED_IF_ABSENT = [
  'date message-id sender mime-version',
  'list-id list-help list-unsubscribe list-unsubscribe-post list-post list-archive',
].flatMap((names) => names.split(' '))
/** Mail programs show no button if one of these is not signed. */
const ONE_CLICK = ['list-unsubscribe', 'list-unsubscribe-post']
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+$/
const SELECTOR = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/
const SIGNATURE_WORD = /.{1,70}/g

/**
 * Creates a signer for messages (RFC 6376, relaxed/relaxed). The key is read once, here.
 *
 * @throws MailError `config/invalid-config` that names the option
 */
export function dkimSigner(options: DkimOptions): DkimSigner {
  checkOptions(options, 'dkimSigner', { domain: true, selector: true, privateKey: true, headers: true })
  const { domain, selector, headers } = options
  if (!DOMAIN.test(domain)) throw configError('dkimSigner: domain must be a domain name in ASCII')
  if (!SELECTOR.test(selector)) throw configError('dkimSigner: selector must be a DNS name')
  const wanted = headers?.map((name) => name.toLowerCase())
  if (wanted && !wanted.includes('from'))
    throw configError('dkimSigner: headers must contain From (RFC 6376 section 5.4)')
  const key = signingKey(options.privateKey)
  const isRsa = key.asymmetricKeyType === 'rsa'
  const algorithm = isRsa ? 'rsa-sha256' : 'ed25519-sha256'
  return {
    sign({ fields, bodyHash }) {
      const chosen = wanted ? withOneClick(wanted, fields) : defaultHeaders(fields)
      const words = [
        'v=1;',
        `a=${algorithm};`,
        'c=relaxed/relaxed;',
        `d=${domain};`,
        `s=${selector};`,
        `t=${Math.floor(Date.now() / 1000)};`,
        ...`h=${chosen.join(': ')};`.split(' '),
        `bh=${bodyHash};`,
      ]
      const unsigned = headerField('DKIM-Signature', [...words, 'b=']).trimEnd()
      const input = [...signedFields(fields, chosen), relaxedField(unsigned)].join('\r\n')
      const bytes = Buffer.from(input, 'latin1')
      const signature = isRsa
        ? sign('sha256', bytes, key)
        : sign(null, createHash('sha256').update(bytes).digest(), key)
      return headerField('DKIM-Signature', [
        ...words,
        ...(`b=${signature.toString('base64')}`.match(SIGNATURE_WORD) ?? []),
      ])
    },
  }
}

function signingKey(privateKey: DkimOptions['privateKey']): KeyObject {
  let key: KeyObject
  try {
    key =
      typeof privateKey === 'string' || Buffer.isBuffer(privateKey)
        ? createPrivateKey(privateKey)
        : privateKey
  } catch {
    throw configError('dkimSigner: privateKey must be a private key in PEM')
  }
  const { type, asymmetricKeyType, asymmetricKeyDetails } = key
  if (type !== 'private' || (asymmetricKeyType !== 'rsa' && asymmetricKeyType !== 'ed25519')) {
    throw configError('dkimSigner: privateKey must be an RSA or Ed25519 private key')
  }
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < 1024) {
    throw configError('dkimSigner: an RSA privateKey must have at least 1024 bits (RFC 8301 section 3.2)')
  }
  return key
}

/** The default fields (RFC 6376 section 5.4.1), each once more than the message has it. */
function defaultHeaders(fields: readonly string[]): string[] {
  const names = fields.map(fieldName)
  const present = ADDED_IF_ABSENT.filter((name) => names.includes(name))
  return [...NEVER_ADDED, ...present].flatMap((name) => onceMore(name, names))
}

/** The chosen fields, and those of one-click unsubscribing (RFC 8058) if the message has them. */
function withOneClick(wanted: readonly string[], fields: readonly string[]): readonly string[] {
  const names = fields.map(fieldName)
  if (!ONE_CLICK.every((name) => names.includes(name))) return wanted
  const missing = ONE_CLICK.filter((name) => !wanted.includes(name))
  return [...wanted, ...missing.flatMap((name) => onceMore(name, names))]
}

function onceMore(name: string, names: readonly string[]): string[] {
  return [name, ...names.filter((each) => each === name)]
}

/** The chosen fields in relaxed canonical form. A repeated name means the next such field further up (section 5.4.2). */
function signedFields(fields: readonly string[], chosen: readonly string[]): string[] {
  const left = fields.toReversed()
  return chosen.flatMap((name) => {
    const index = left.findIndex((field) => fieldName(field) === name)
    return index === -1 ? [] : left.splice(index, 1).map(relaxedField)
  })
}
