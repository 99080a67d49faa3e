import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { decode, encode, type Answer, type Packet } from 'dns-packet'

/** The records that a name server has, such as `{ 'example.com MX': [{ preference: 10, exchange: 'mx.example.com' }] }`. */
export type Zone = Readonly<Record<string, readonly unknown[]>>

/** What a name server says about a name instead of its records (RFC 1035 section 4.1.1). */
type Trouble = 'silent' | 'SERVFAIL'

/** A name server on this machine. */
export interface NameServer extends AsyncDisposable {
  /** As `--dns-server` takes it. */
  readonly address: string
  /** What it was asked, such as `example.com MX`. */
  readonly questions: readonly string[]
}

const RESPONSE_CODES = { SERVFAIL: 2, NXDOMAIN: 3, NOERROR: 0 }

/** Starts a name server. `trouble` says for which names, or for all (`*`), it does not behave. */
export async function startNameServer(
  zone: Zone,
  trouble: Readonly<Record<string, Trouble>> = {},
): Promise<NameServer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const questions: string[] = []
  socket.on('message', (octets, { port, address }) => {
    const query = decode(octets)
    const [{ name, type } = { name: '', type: 'A' }] = query.questions ?? []
    questions.push(`${name} ${type}`)
    const here = trouble[name] ?? trouble['*']
    if (here === 'silent') return
    const answers = here === 'SERVFAIL' ? [] : answersOf(zone, name, type)
    const code = here ?? (answers.length > 0 || isKnown(zone, name) ? 'NOERROR' : 'NXDOMAIN')
    socket.send(encode(responseTo(query, answers, code)), port, address)
  })
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function answersOf(zone: Zone, name: string, type: string): Answer[] {
  const records = (zone[`${name} ${type}`] ?? []).map(
    (data) => ({ name, type, ttl: 60, data: inStrings(data, type) }) as Answer,
  )
  const [alias] = type === 'CNAME' ? [] : (zone[`${name} CNAME`] ?? [])
  if (typeof alias !== 'string') return records
  return [{ name, type: 'CNAME', ttl: 60, data: alias }, ...answersOf(zone, alias, type)]
}

/** A string in a TXT record has at most 255 octets (RFC 1035 section 3.3). */
function inStrings(data: unknown, type: string): unknown {
  return type === 'TXT' && typeof data === 'string' ? data.match(/.{1,255}/g) : data
}

/** A name without records exists if there is a name below it (RFC 8020). */
function isKnown(zone: Zone, name: string): boolean {
  return Object.keys(zone).some((key) => key.startsWith(`${name} `) || key.includes(`.${name} `))
}

function responseTo({ id, questions }: Packet, answers: Answer[], code: keyof typeof RESPONSE_CODES): Packet {
  const flags = 0x0180 | RESPONSE_CODES[code]
  return { type: 'response', ...(id === undefined ? {} : { id }), flags, questions: questions ?? [], answers }
}
