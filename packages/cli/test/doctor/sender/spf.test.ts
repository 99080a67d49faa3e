import { test } from 'vitest'
import type { Zone } from './name-server.ts'
import { SPF, expectCase, type SenderCase } from './sender-case.ts'

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** An SPF record with so many includes. */
const includes = (count: number): Zone => ({
  'example.com TXT': [
    `v=spf1 ${range(count)
      .map((n) => `include:s${n}.example.net`)
      .join(' ')} -all`,
  ],
  ...Object.fromEntries(
    range(count).map((n) => [`s${n}.example.net TXT`, [`v=spf1 ip4:198.51.100.${n} -all`]]),
  ),
})

const CASES: readonly SenderCase[] = [
  {
    title: 'no SPF record',
    step: 'SPF record',
    verdict: 'fail',
    says: ['no SPF record', 'include:NAME'],
    zone: { 'example.com TXT': [] },
  },
  {
    title: 'a text that was meant as an SPF record',
    step: 'SPF record',
    verdict: 'fail',
    says: ['does not begin with "v=spf1"', 'spf1 include:x -all'],
    zone: { 'example.com TXT': ['spf1 include:x -all'] },
  },
  {
    title: 'two SPF records',
    step: 'SPF record',
    verdict: 'fail',
    says: ['2 SPF records', 'v=spf1 a -all'],
    zone: { 'example.com TXT': [SPF, 'v=spf1 a -all'] },
  },
  {
    title: 'a syntax error after the term that matches',
    step: 'SPF record',
    verdict: 'fail',
    says: ['Receivers cannot use the SPF record', 'ipv4'],
    zone: { 'example.com TXT': ['v=spf1 ip4:192.0.2.25 ipv4:192.0.2.26 -all'] },
  },
  {
    title: 'an include of a name without SPF',
    step: 'SPF record',
    verdict: 'fail',
    says: ['no SPF records found for gone.example'],
    zone: { 'example.com TXT': ['v=spf1 include:gone.example -all'] },
  },
  {
    title: '10 look-ups are allowed',
    step: 'SPF record',
    verdict: 'pass',
    says: ['10 of the 10'],
    zone: includes(10),
  },
  {
    title: '13 look-ups are too many, and the number is told',
    step: 'SPF record',
    verdict: 'fail',
    says: ['needs 13 look-ups'],
    zone: includes(13),
  },
  {
    title: 'a record that includes itself',
    step: 'SPF record',
    verdict: 'fail',
    says: ['more than 50 look-ups'],
    zone: { 'example.com TXT': ['v=spf1 include:example.com -all'] },
  },
  {
    title: '2 look-ups that find nothing are allowed',
    step: 'SPF record',
    verdict: 'pass',
    says: ['2 of the 10'],
    zone: { 'example.com TXT': ['v=spf1 a:x1.example a:x2.example -all'] },
  },
  {
    title: '3 look-ups that find nothing are too many',
    step: 'SPF record',
    verdict: 'fail',
    says: ['3 look-ups of the SPF record find nothing', 'x1.example, x2.example, x3.example'],
    zone: { 'example.com TXT': ['v=spf1 a:x1.example a:x2.example a:x3.example -all'] },
  },
  {
    title: 'every look-up that finds nothing is counted',
    step: 'SPF record',
    verdict: 'fail',
    says: ['4 look-ups of the SPF record find nothing', 'x4.example'],
    zone: { 'example.com TXT': ['v=spf1 a:x1.example a:x2.example a:x3.example a:x4.example -all'] },
  },
  {
    title: '+all allows everyone',
    step: 'SPF record',
    verdict: 'fail',
    says: ['whole internet'],
    zone: { 'example.com TXT': ['v=spf1 mx +all'] },
  },
  {
    title: 'a record without an end',
    step: 'SPF record',
    verdict: 'warn',
    says: ['says nothing about servers that are not in it'],
    zone: { 'example.com TXT': ['v=spf1 ip4:192.0.2.25'] },
  },
  {
    title: '?all says nothing',
    step: 'SPF record',
    verdict: 'warn',
    says: ['-all or ~all'],
    zone: { 'example.com TXT': ['v=spf1 ip4:192.0.2.25 ?all'] },
  },
  {
    title: '~all at the end of a redirect is an end',
    step: 'SPF record',
    verdict: 'pass',
    says: ['1 of the 10'],
    zone: { 'example.com TXT': ['v=spf1 redirect=spf.provider.example'] },
  },
  {
    title: 'an address that SPF does not have',
    step: 'SPF of address',
    verdict: 'fail',
    says: ['203.0.113.9 is not allowed', 'SPF: fail'],
    zone: {},
    options: { ip: '203.0.113.9' },
  },
  {
    title: 'an address that comes with an include',
    step: 'SPF of address',
    verdict: 'pass',
    says: ['198.51.100.7 may send'],
    zone: {},
    options: { ip: '198.51.100.7' },
  },
  {
    title: 'an IPv6 address',
    step: 'SPF of address',
    verdict: 'pass',
    says: ['2001:db8::25 may send'],
    zone: { 'example.com TXT': ['v=spf1 ip6:2001:DB8::/32 -all'] },
    options: { ip: '2001:db8::25' },
  },
  {
    title: 'an address for a domain without SPF',
    step: 'SPF of address',
    verdict: 'fail',
    says: ['no SPF record'],
    zone: { 'example.com TXT': [] },
  },
  {
    title: 'an address behind more than 10 look-ups',
    step: 'SPF of address',
    verdict: 'fail',
    says: ['cannot tell', 'Too many DNS requests'],
    zone: includes(11),
  },
  {
    title: 'the address of the mail server is a guess, so it is a warning',
    step: 'SPF of address',
    verdict: 'warn',
    says: ['give that one with --ip'],
    zone: {},
    options: { serverIp: '203.0.113.9' },
  },
  {
    title: 'a private address is never seen by receivers',
    step: 'SPF of address',
    verdict: 'skip',
    says: ['10.1.2.3 is a private address'],
    zone: {},
    options: { serverIp: '10.1.2.3' },
  },
]

test.each(CASES)('$title', expectCase)
