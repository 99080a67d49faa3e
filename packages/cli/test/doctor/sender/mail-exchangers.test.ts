import { test } from 'vitest'
import { expectCase, type SenderCase } from './sender-case.ts'

const CASES: readonly SenderCase[] = [
  {
    title: 'no MX and no address: no bounce can arrive',
    step: 'MX',
    verdict: 'fail',
    says: ['no MX record and no address'],
    zone: { 'example.com MX': [] },
  },
  {
    title: 'no MX, but an address: mail goes there',
    step: 'MX',
    verdict: 'warn',
    says: ['address of example.com itself'],
    zone: { 'example.com MX': [], 'example.com A': ['192.0.2.80'] },
  },
  {
    title: 'a null MX: the domain takes no mail',
    step: 'MX',
    verdict: 'fail',
    says: ['null MX'],
    zone: { 'example.com MX': [{ preference: 0, exchange: '.' }] },
  },
  {
    title: 'an MX without an address',
    step: 'MX',
    verdict: 'fail',
    says: ['mx.gone.example, which has no address', 'No reply or bounce can arrive'],
    zone: { 'example.com MX': [{ preference: 10, exchange: 'mx.gone.example' }] },
  },
  {
    title: 'one MX of two without an address',
    step: 'MX',
    verdict: 'warn',
    says: ['mx.gone.example, which has no address'],
    zone: {
      'example.com MX': [
        { preference: 10, exchange: 'mx.gone.example' },
        { preference: 20, exchange: 'mx.example.com' },
      ],
    },
  },
  {
    title: 'MX hosts are told in the order in which they are used',
    step: 'MX',
    verdict: 'pass',
    says: ['first.example.com, mx.example.com'],
    zone: {
      'example.com MX': [
        { preference: 20, exchange: 'mx.example.com' },
        { preference: 10, exchange: 'first.example.com' },
      ],
      'first.example.com A': ['192.0.2.11'],
    },
  },
  {
    title: 'an MX with IPv6 alone is fine',
    step: 'MX',
    verdict: 'pass',
    says: ['mx.example.com'],
    zone: { 'mx.example.com A': [], 'mx.example.com AAAA': ['2001:db8::10'] },
  },
  {
    title: 'an MX that is an alias',
    step: 'MX',
    verdict: 'warn',
    says: ['alias (CNAME) of mx.provider.example'],
    zone: {
      'mx.example.com A': [],
      'mx.example.com CNAME': ['mx.provider.example'],
      'mx.provider.example A': ['192.0.2.11'],
    },
  },
  {
    title: 'an MX that is an IP address',
    step: 'MX',
    verdict: 'fail',
    says: ['IP address 192.0.2.10'],
    zone: { 'example.com MX': [{ preference: 10, exchange: '192.0.2.10' }] },
  },
]

test.each(CASES)('$title', expectCase)
