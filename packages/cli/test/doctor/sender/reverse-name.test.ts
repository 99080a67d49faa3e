import { test } from 'vitest'
import { expectCase, type SenderCase } from './sender-case.ts'

const CASES: readonly SenderCase[] = [
  {
    title: 'no reverse name',
    step: 'reverse name',
    verdict: 'fail',
    says: ['no reverse name (PTR)'],
    zone: { '25.2.0.192.in-addr.arpa PTR': [] },
  },
  {
    title: 'a reverse name that leads elsewhere',
    step: 'reverse name',
    verdict: 'fail',
    says: ['does not lead back to 192.0.2.25', 'out.example.com'],
    zone: { 'out.example.com A': ['192.0.2.99'] },
  },
  {
    title: 'one reverse name of two leads back',
    step: 'reverse name',
    verdict: 'pass',
    says: ['192.0.2.25 is out.example.com'],
    zone: { '25.2.0.192.in-addr.arpa PTR': ['other.example.com', 'out.example.com'] },
  },
  {
    title: 'no reverse name of the mail server',
    step: 'reverse name',
    verdict: 'warn',
    says: ['no reverse name'],
    zone: { '25.2.0.192.in-addr.arpa PTR': [] },
    options: { serverIp: '192.0.2.25' },
  },
  {
    title: 'an IPv6 address that is written in another way',
    step: 'reverse name',
    verdict: 'pass',
    says: ['out.example.com'],
    zone: {
      '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR': ['out.example.com'],
      'out.example.com AAAA': ['2001:db8::25'],
    },
    options: { ip: '2001:DB8:0:0::25' },
  },
  {
    title: 'the eleventh reverse name is not looked at',
    step: 'reverse name',
    verdict: 'fail',
    says: ['does not lead back'],
    zone: {
      '25.2.0.192.in-addr.arpa PTR': [
        ...Array.from({ length: 10 }, (_, index) => `n${index}.example.com`),
        'out.example.com',
      ],
    },
  },
]

test.each(CASES)('$title', expectCase)
