/** How much of a message is put into base64 at a time: a multiple of 3, so that no padding comes before the end. */
const PIECE = 49_152

/** `{"Content":{"Raw":{"Data":"<the message in base64>"}}, <the rest>}`, without holding the base64 as a text. */
export function sesBody(message: Buffer, rest: object): Buffer {
  const begin = '{"Content":{"Raw":{"Data":"'
  const end = `"}},${JSON.stringify(rest).slice(1)}`
  const body = Buffer.allocUnsafe(begin.length + Math.ceil(message.length / 3) * 4 + Buffer.byteLength(end))
  let at = body.write(begin, 'latin1')
  for (let from = 0; from < message.length; from += PIECE)
    at += body.write(message.toString('base64', from, Math.min(from + PIECE, message.length)), at, 'latin1')
  body.write(end, at, 'utf8')
  return body
}
