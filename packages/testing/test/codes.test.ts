import { describe, expect, it } from 'vitest'
import { testInbox } from '../src/index.ts'
import { capture } from './capture.ts'

async function codesOf(message: {
  text?: string
  html?: string
  subject?: string
}): Promise<readonly string[]> {
  const { store, send } = capture()
  await send({ text: undefined, ...message })
  return (await testInbox(store).last()).codes
}

describe('the codes of a mail', () => {
  it.each([
    ['Your code is 123456.', ['123456']],
    ['1234 or 1234567890', ['1234', '1234567890']],
    ['123 or 12345678901', []],
    ['code: 123 456', ['123456']],
    ['code: 123-456', ['123456']],
    ['Backup codes:\n1234 5678\n2345 6789', ['12345678', '23456789']],
    ['123\u00A0456 and 234\u2011567', ['123456', '234567']],
    ['123\u200C456', ['123456']],
    ['123456 654321', ['123456', '654321']],
    ['123456 in 10 minutes', ['123456']],
    ['X7K9QP', ['X7K9QP']],
    ['A1B2-C3D4, not a1b2-c3d4', ['A1B2-C3D4']],
    ['ABCD-1234-EFGH', ['ABCD-1234-EFGH']],
    ['G-123456 is your code', ['G-123456']],
    ['Code:123456', ['123456']],
    ['*123456* (234567) "345678" #456789', ['123456', '234567', '345678', '456789']],
    ['您的验证码是123456，5分钟内有效', ['123456']],
    ['123456 again 123456', ['123456']],
  ])('in %j are %j', async (text, codes) => {
    expect(await codesOf({ text })).toEqual(codes)
  })

  it.each([
    ['https://tea.example/123456?code=234567'],
    ['tea.example/123456 www.tea.example:8080'],
    ['mailto:123456@tea.example tel:0301234567'],
    ['user.1234@tea.example, <1234@tea.example>'],
    ['2026-11-25'],
    ['2026-11-25T10:20:30.1234Z'],
    ['25.11.2026 or 11/25/2026 or 2026/11/25'],
    ['November 25, 2026 or 25 Nov 2026 or Nov. 2026'],
    ['© 2026 Tea Shop, (c) 2019-2026 Tea Shop, Copyright 2026'],
    ['in the years 2024-2025'],
    ['10:20, 10:20:30'],
    ['1,234.50 EUR'],
    ['1.234,50 €, 1234 EUR, EUR 1234, $1234, £ 12 345, 1234.50, 1500%'],
    ['+49 30 1234567, +1 (555) 123-4567'],
    ['555-123-4567, 1234 5678 9012 3456'],
    ['10-15 minutes, COVID-19, UTF-8'],
    ['ABCDEF, HELLO-WORLD, X7K9QPs'],
    ['invoice-1234.pdf, v1.2.3456, 192.168.1.1234, id_123456'],
    ['550E8400-E29B-41D4-A716-446655440000'],
  ])('are none in %j', async (text) => {
    expect(await codesOf({ text })).toEqual([])
  })

  it('are those in the HTML, then those in the text, then those in the subject', async () => {
    const html = `
      <style>.c { color: #123456 }</style><title>1111</title>
      <p style="color: #234567">Your code:</p><b>98</b><i>7654</i><br>2222
      <table><tr><td>3333</td><td>4444</td></tr></table><pre>5555\n6666</pre>
      <a href="https://tea.example/7777">https://tea.example/7777</a>`
    expect(await codesOf({ html, text: '8888 987654', subject: '9999 is your code' })).toEqual([
      '987654',
      '2222',
      '3333',
      '4444',
      '5555',
      '6666',
      '8888',
      '9999',
    ])
  })

  it.each(['x', 'a.', 'a-', '1 111 ', '1,', 'A1', 'A1-', 'a@', '+1', '1-', '€ ', 'www.', 'mailto:'])(
    'are found in a long text of %j, too',
    async (part) => {
      const text = `${part.repeat(500_000 / part.length)}\nYour code is 987654`
      expect(await codesOf({ text })).toContain('987654')
    },
  )
})
