import { generateKeyPairSync } from 'node:crypto'
import { test } from 'vitest'
import type { Zone } from './name-server.ts'
import { KEY_OF_2048_BITS, expectCase, rsaKey, type SenderCase } from './sender-case.ts'

const dkim = (text: string): Zone => ({ 'news._domainkey.example.com TXT': [text] })
const ed25519 = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'der' })
  .subarray(-32)
  .toString('base64')

const CASES: readonly SenderCase[] = [
  {
    title: 'no key at the selector',
    step: 'DKIM',
    verdict: 'fail',
    says: ['no DKIM key at news._domainkey.example.com'],
    zone: { 'news._domainkey.example.com TXT': [] },
  },
  {
    title: 'two records at the selector',
    step: 'DKIM',
    verdict: 'fail',
    says: ['2 TXT records'],
    zone: { 'news._domainkey.example.com TXT': ['v=DKIM1; p=', 'other'] },
  },
  {
    title: 'a key that is an alias of the provider’s',
    step: 'DKIM',
    verdict: 'pass',
    says: ['2048 bits'],
    zone: {
      'news._domainkey.example.com TXT': [],
      'news._domainkey.example.com CNAME': ['k.provider.example'],
      'k.provider.example TXT': [`p=${KEY_OF_2048_BITS}`],
    },
  },
  {
    title: 'a revoked key',
    step: 'DKIM',
    verdict: 'fail',
    says: ['revoked'],
    zone: dkim('v=DKIM1; k=rsa; p='),
  },
  {
    title: 'a record without a key',
    step: 'DKIM',
    verdict: 'fail',
    says: ['has no key'],
    zone: dkim('v=DKIM1; k=rsa'),
  },
  {
    title: 'another version',
    step: 'DKIM',
    verdict: 'fail',
    says: ['v=DKIM2'],
    zone: dkim(`v=DKIM2; p=${KEY_OF_2048_BITS}`),
  },
  {
    title: 'a key of 512 bits',
    step: 'DKIM',
    verdict: 'fail',
    says: ['512 bits', 'refuse'],
    zone: dkim(`v=DKIM1; p=${rsaKey(512)}`),
  },
  {
    title: 'a key of 1024 bits',
    step: 'DKIM',
    verdict: 'warn',
    says: ['1024 bits', 'weak'],
    zone: dkim(`v=DKIM1; p=${rsaKey(1024)}`),
  },
  {
    title: 'a key that was cut off',
    step: 'DKIM',
    verdict: 'fail',
    says: ['cannot be read'],
    zone: dkim(`v=DKIM1; p=${KEY_OF_2048_BITS.slice(0, 200)}`),
  },
  {
    title: 'a key with quotation marks that were pasted in',
    step: 'DKIM',
    verdict: 'fail',
    says: ['cannot be read'],
    zone: dkim(`v=DKIM1; p=${KEY_OF_2048_BITS.slice(0, 200)}" "${KEY_OF_2048_BITS.slice(200)}`),
  },
  {
    title: 'a key with spaces in it is fine',
    step: 'DKIM',
    verdict: 'pass',
    says: ['2048 bits'],
    zone: dkim(`v=DKIM1 ; p = ${KEY_OF_2048_BITS.slice(0, 200)} ${KEY_OF_2048_BITS.slice(200)}`),
  },
  {
    title: 'test mode does not make a short key better',
    step: 'DKIM',
    verdict: 'fail',
    says: ['512 bits'],
    zone: dkim(`v=DKIM1; t=y; p=${rsaKey(512)}`),
  },
  {
    title: 'a key without its type in front',
    step: 'DKIM',
    verdict: 'pass',
    says: ['2048 bits'],
    zone: dkim(
      `v=DKIM1; p=${generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')}`,
    ),
  },
  {
    title: 'test mode',
    step: 'DKIM',
    verdict: 'warn',
    says: ['test mode (t=y)'],
    zone: dkim(`v=DKIM1; t=s:y; p=${KEY_OF_2048_BITS}`),
  },
  {
    title: 'a key for something other than mail',
    step: 'DKIM',
    verdict: 'fail',
    says: ['s=tlsrpt'],
    zone: dkim(`v=DKIM1; s=tlsrpt; p=${KEY_OF_2048_BITS}`),
  },
  {
    title: 'a key for SHA-1 alone',
    step: 'DKIM',
    verdict: 'fail',
    says: ['h=sha1'],
    zone: dkim(`v=DKIM1; h=sha1; p=${KEY_OF_2048_BITS}`),
  },
  {
    title: 'an Ed25519 key',
    step: 'DKIM',
    verdict: 'warn',
    says: ['Ed25519'],
    zone: dkim(`v=DKIM1; k=ed25519; p=${ed25519}`),
  },
  {
    title: 'a key of another type than the record says',
    step: 'DKIM',
    verdict: 'fail',
    says: ['type ed25519'],
    zone: dkim(`v=DKIM1; k=ed25519; p=${KEY_OF_2048_BITS}`),
  },
  {
    title: 'common selectors are found',
    step: 'DKIM',
    verdict: 'pass',
    says: ['good keys at google, s1', '--selector', 'at k1 are revoked'],
    zone: {
      'google._domainkey.example.com TXT': [`p=${KEY_OF_2048_BITS}`],
      's1._domainkey.example.com TXT': [`p=${KEY_OF_2048_BITS}`],
      'k1._domainkey.example.com TXT': ['p='],
    },
    options: {},
  },
  {
    title: 'common selectors with weak keys alone',
    step: 'DKIM',
    verdict: 'warn',
    says: ['default._domainkey.example.com', '1024'],
    zone: { 'default._domainkey.example.com TXT': [`p=${rsaKey(1024)}`] },
    options: {},
  },
]

test.each(CASES)('$title', expectCase)
