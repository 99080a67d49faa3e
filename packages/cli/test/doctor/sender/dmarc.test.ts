import { test } from 'vitest'
import { DMARC, expectCase, type SenderCase } from './sender-case.ts'

const CASES: readonly SenderCase[] = [
  {
    title: 'no DMARC record',
    step: 'DMARC',
    verdict: 'fail',
    says: ['no DMARC record at _dmarc.example.com', 'v=DMARC1; p=none'],
    zone: { '_dmarc.example.com TXT': [] },
  },
  {
    title: 'two DMARC records',
    step: 'DMARC',
    verdict: 'fail',
    says: ['2 DMARC records'],
    zone: { '_dmarc.example.com TXT': [DMARC, 'v=DMARC1; p=none'] },
  },
  {
    title: 'a DMARC record without a policy',
    step: 'DMARC',
    verdict: 'fail',
    says: ['not valid', 'p=none'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC1; p=refuse'] },
  },
  {
    title: 'a DMARC record with another version',
    step: 'DMARC',
    verdict: 'fail',
    says: ['not valid'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC; p=reject'] },
  },
  {
    title: 'a mistyped policy with reports is treated as p=none',
    step: 'DMARC',
    verdict: 'warn',
    says: ['no valid policy', 'only watches'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC1; p=refuse; rua=mailto:a@example.com'] },
  },
  {
    title: 'p=none only watches',
    step: 'DMARC',
    verdict: 'warn',
    says: ['only watches'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC1; p=none; rua=mailto:a@example.com'] },
  },
  {
    title: 'a policy in test mode',
    step: 'DMARC',
    verdict: 'warn',
    says: ['test mode (t=y)'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC1; p=reject; t=y; rua=mailto:a@example.com'] },
  },
  {
    title: 'a policy without reports',
    step: 'DMARC',
    verdict: 'warn',
    says: ['rua=mailto:ADDRESS'],
    zone: { '_dmarc.example.com TXT': ['v=DMARC1; p=reject'] },
  },
  {
    title: 'strict alignment is told',
    step: 'DMARC',
    verdict: 'pass',
    says: ['DKIM passes for exactly example.com, or SPF for a domain of the same organisation'],
    zone: { '_dmarc.example.com TXT': [`${DMARC}; adkim=s`] },
  },
  {
    title: 'a subdomain has the policy of its organisation',
    step: 'DMARC',
    verdict: 'warn',
    says: ['record of example.com', 'only watches'],
    zone: {
      'news.example.com A': ['192.0.2.1'],
      '_dmarc.example.com TXT': ['v=DMARC1; p=reject; sp=none; rua=mailto:a@example.com'],
    },
    domain: 'news.example.com',
  },
  {
    title: 'a subdomain of a domain with a policy for names that do not exist',
    step: 'DMARC',
    verdict: 'pass',
    says: ['record of example.com'],
    zone: {
      'news.example.com A': ['192.0.2.1'],
      '_dmarc.example.com TXT': [`${DMARC}; np=none`],
    },
    domain: 'news.example.com',
  },
]

test.each(CASES)('$title', expectCase)
