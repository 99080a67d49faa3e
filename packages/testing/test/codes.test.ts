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
    ['4 8 2 9 1 3', ['482913']],
    ['Your code: 4 8 2 9 1 3', ['482913']],
    ['4\n8\n2\n9\n1\n3\nValid for 5 minutes', ['482913']],
    ['| 4 | 8 | 2 | 9 |', ['4829']],
    ['4\u00A08\u00A02\u00A09\u00A01\u00A03', ['482913']],
    ['4  8  2  9  1  3', ['482913']],
    ['A 7 K 9 Q P', ['A7K9QP']],
    ['482-913', ['482913']],
    ['４８２９１３', ['482913']],
    ['Code 2026', ['2026']],
    ['Your code is 482913.\nRequested Thu, 26 Nov 2026 12:00:00 -0700 from Denver', ['482913']],
    ['Your code is 482913, order 12345', ['482913']],
    ['482913 is your code for tea.example, valid until 12:30 UTC+0100', ['482913']],
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
    ['Thu, 26 Nov 2026 12:00:00 -0700'],
    ['12:00 +0530, 12:00:00 +0000 (UTC), 9:15 am GMT+0200, UTC-0330'],
    ['2026-11-26 12:00:00 -0700'],
    ['26 November 2026, November 26th, 2026, 26. Nov 2026'],
    ['since 2019, in 2026'],
    ['2026年11月26日'],
    ['Order 12345, order no. 123456, Order #1234567, order number: 12345'],
    ['Invoice 20261234, ticket #48291, Bestellung Nr. 123456'],
    ['Denver, CO 80202, USA'],
    ['ZIP 80202, postcode: 10115, PLZ 10115'],
    ['(555) 123-4567, 555.123.4567, Tel: 030 1234567, phone 5551234567'],
    ['room 1204, flight LH 1234, version 2026'],
    ['1, 2, 3, 4 and 5'],
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

  it.each([
    ['<table><tr><td>4</td><td>8</td><td>2</td><td>9</td><td>1</td><td>3</td></tr></table>'],
    [
      '<div><span class="b">4</span><span class="b">8</span><span>2</span><span>9</span><span>1</span><span>3</span></div>',
    ],
    ['<div>4</div><div>8</div><div>2</div><div>9</div><div>1</div><div>3</div>'],
    [
      '<p>Code</p><table><tr>\n<td> 4 </td>\n<td>&nbsp;</td><td> 8 </td>\n<td> 2 </td><td>9</td><td>1</td><td>3</td></tr></table><p>Bye</p>',
    ],
    ['<p style="letter-spacing: 8px">4 8 2 9 1 3</p>'],
    ['<b>482</b>-<b>913</b>'],
    [
      '<table><tr><td><b>4</b></td><td><b>8</b></td><td><b>2</b></td><td><b>9</b></td><td><b>1</b></td><td><b>3</b></td></tr></table>',
    ],
  ])('in boxes are found: %s', async (html) => {
    expect(await codesOf({ html, text: 'x' })).toEqual(['482913'])
  })

  it.each([
    '4 ',
    '4|',
    '4\n',
    'A ',
    '12:00 ',
    '(555) ',
    'order ',
    'in ',
    'x',
    'a.',
    'a-',
    '1 111 ',
    '1,',
    'A1',
    'A1-',
    'a@',
    '+1',
    '1-',
    '€ ',
    'www.',
    'mailto:',
  ])('are found in a long text of %j, too', async (part) => {
    const text = `${part.repeat(500_000 / part.length)}\nYour code is 987654`
    expect(await codesOf({ text })).toContain('987654')
  })
})
