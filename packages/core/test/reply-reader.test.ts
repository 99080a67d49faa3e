import { describe, expect, it } from 'vitest'
import { ReplyReader, type NotAReply, type ReplyLines } from '../src/transport.ts'

const TOO_LONG = { code: undefined, lines: ['a reply line is longer than 4096 octets'] }
const TOO_MANY = { code: undefined, lines: ['a reply has more than 256 lines'] }
const LONGEST = `250 ${'x'.repeat(4_092)}`
const more = (count: number): string => '250-x\r\n'.repeat(count)

function read(pieces: readonly Buffer[], ends = false): (ReplyLines | NotAReply)[] {
  const reader = new ReplyReader()
  const replies: (ReplyLines | NotAReply)[] = []
  for (const piece of pieces) reader.feed(piece, (reply) => replies.push(reply))
  if (ends) reader.end((reply) => replies.push(reply))
  return replies
}

const octets = (text: string): Buffer => Buffer.from(text, 'latin1')
const oneByOne = (text: string): Buffer[] => Array.from(octets(text), (octet) => Buffer.of(octet))

describe('what a server sends is cut into replies, in one piece or octet by octet', () => {
  it.each<[string, string, (ReplyLines | NotAReply)[]]>([
    ['nothing', '', []],
    ['a reply', '250 Ok\r\n', [{ code: 250, lines: ['250 Ok'] }]],
    [
      'several replies',
      '250 Ok\r\n354 Go\r\n',
      [
        { code: 250, lines: ['250 Ok'] },
        { code: 354, lines: ['354 Go'] },
      ],
    ],
    ['a reply of several lines', '250-a\r\n250 b\r\n', [{ code: 250, lines: ['250-a', '250 b'] }]],
    ['a code without text', '550\r\n', [{ code: 550, lines: ['550'] }]],
    ['lines without CR', '250-a\n250 b\n', [{ code: 250, lines: ['250-a', '250 b'] }]],
    ['a CR in a line', '250 a\rb\r\n', [{ code: 250, lines: ['250 a\rb'] }]],
    ['a CR before the line end', '250 a\r\r\n', [{ code: 250, lines: ['250 a\r'] }]],
    ['a CR that no LF follows', '250 a\r', []],
    ['half a line', '250 O', []],
    ['half a reply', '250-a\r\n', []],
    [
      'empty lines between replies',
      '\r\n250 a\r\n\r\n\n250 b\r\n',
      [
        { code: 250, lines: ['250 a'] },
        { code: 250, lines: ['250 b'] },
      ],
    ],
    ['an empty line in a reply', '250-a\r\n\r\n250 b\r\n', [{ code: undefined, lines: [''] }]],
    ['lines with different codes', '451-a\r\n550 b\r\n', [{ code: 451, lines: ['451-a', '550 b'] }]],
    ['UTF-8', '550 \xc3\xa9\r\n', [{ code: 550, lines: ['550 é'] }]],
    ['Latin-1', '550 \xe9\r\n', [{ code: 550, lines: ['550 é'] }]],
    ['the longest line', `${LONGEST}\r\n`, [{ code: 250, lines: [LONGEST] }]],
    ['a longer line', `${LONGEST}x\r\n`, [TOO_LONG]],
    ['a longer line without an end', `${LONGEST}xx`, [TOO_LONG]],
    [
      '256 lines',
      `${more(255)}250 y\r\n`,
      [{ code: 250, lines: [...Array<string>(255).fill('250-x'), '250 y'] }],
    ],
    ['more than 256 lines', more(256), [TOO_MANY]],
    [
      'a refusal behind an acceptance',
      '250-a\r\n550-b\r\n451 c\r\n',
      [{ code: 550, lines: ['250-a', '550-b', '451 c'] }],
    ],
    ['an acceptance behind a refusal', '451-a\r\n250 b\r\n', [{ code: 451, lines: ['451-a', '250 b'] }]],
    ['words', 'Hello\r\n250 Ok\r\n', [{ code: undefined, lines: ['Hello'] }]],
    ['two digits', '25\r\n', [{ code: undefined, lines: ['25'] }]],
    ['four digits', '2500 a\r\n', [{ code: undefined, lines: ['2500 a'] }]],
    ['a code below 200', '199 a\r\n', [{ code: undefined, lines: ['199 a'] }]],
    ['the first code', '200 a\r\n', [{ code: 200, lines: ['200 a'] }]],
    ['the last code', '599 a\r\n', [{ code: 599, lines: ['599 a'] }]],
    ['a code above 599', '600 a\r\n', [{ code: undefined, lines: ['600 a'] }]],
    ['a second digit that is none', '2:0 a\r\n', [{ code: undefined, lines: ['2:0 a'] }]],
    ['a second digit below 0', '2/0 a\r\n', [{ code: undefined, lines: ['2/0 a'] }]],
    ['a third digit that is none', '20: a\r\n', [{ code: undefined, lines: ['20: a'] }]],
    ['a third digit below 0', '20/ a\r\n', [{ code: undefined, lines: ['20/ a'] }]],
    ['words in a reply', '250-a\r\nHello\r\n250 b\r\n', [{ code: undefined, lines: ['Hello'] }]],
  ])('%s', (_title, text, replies) => {
    expect(read([octets(text)])).toEqual(replies)
    expect(read(oneByOne(text))).toEqual(replies)
  })
})

describe('what is left when the connection ends', () => {
  it.each<[string, string, (ReplyLines | NotAReply)[]]>([
    ['a last line without its end is a reply', '454 Later', [{ code: 454, lines: ['454 Later'] }]],
    ['also with half of its end', '454 Later\r', [{ code: 454, lines: ['454 Later'] }]],
    ['a code is a reply', '454', [{ code: 454, lines: ['454'] }]],
    ['a code with half of its end is a reply', '454\r', [{ code: 454, lines: ['454'] }]],
    ['the last line ends the lines before it', '250-a\r\n250 b', [{ code: 250, lines: ['250-a', '250 b'] }]],
    ['half a code is none', '45', []],
    ['a line that others were to follow is none', '550-a', []],
    ['a refusal counts without its last line', '550-a\r\n', [{ code: 550, lines: ['550-a'] }]],
    [
      'a refusal counts without the half of its last line',
      '550-a\r\n550-b',
      [{ code: 550, lines: ['550-a'] }],
    ],
    ['a refusal for now counts as well', '400-a\r\n', [{ code: 400, lines: ['400-a'] }]],
    ['an acceptance does not', '250-a\r\n', []],
    ['but for a refusal in it', '250-a\r\n550-b\r\n25', [{ code: 550, lines: ['250-a', '550-b'] }]],
    ['nor does a question', '354-a\r\n', []],
    ['a line that is no reply is told once', 'Hello\r\n550', [{ code: undefined, lines: ['Hello'] }]],
    ['nothing is left after a whole reply', '550 a\r\n', [{ code: 550, lines: ['550 a'] }]],
  ])('%s', (_title, text, replies) => {
    expect(read([octets(text)], true)).toEqual(replies)
    expect(read(oneByOne(text), true)).toEqual(replies)
  })
})

describe('more may be pending', () => {
  it.each([
    ['not at first', '', false],
    ['not after a whole reply', '250 a\r\n', false],
    ['after half a line', '250 a\r\n2', true],
    ['after half a reply', '250-a\r\n', true],
    ['not after what is no reply', '250-a\r\nHello\r\n250', false],
  ])('%s', (_title, text, pending) => {
    const reader = new ReplyReader()
    reader.feed(octets(text), () => {})
    expect(reader.pending).toBe(pending)
  })
})

it('half a line is kept apart from the buffer that it came in', () => {
  const first = octets('250 O')
  const reader = new ReplyReader()
  const replies: (ReplyLines | NotAReply)[] = []
  reader.feed(first, (reply) => replies.push(reply))
  first.fill('x')
  reader.feed(octets('k\r\n'), (reply) => replies.push(reply))
  expect(replies).toEqual([{ code: 250, lines: ['250 Ok'] }])
})

it('a line that is no reply is shown up to a length', () => {
  const [reply] = read([octets(`${'x'.repeat(4_096)}\r\n`)])
  expect(reply!.lines[0]).toHaveLength(4_096)
})
