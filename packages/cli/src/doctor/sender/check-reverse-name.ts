import { BlockList, isIPv6 } from 'node:net'
import { fail, pass, warn, type Finding, type Sender, type SendingAddress } from './sender.ts'

/** An address may have any number of names; receivers look at a few. */
const MOST_NAMES = 10

/** Looks whether the address has a name that leads back to it. Large receivers refuse mail from addresses without one. */
export async function checkReverseName(
  { ip, isCertain }: SendingAddress,
  { names }: Pick<Sender, 'names'>,
): Promise<Finding> {
  const problem = isCertain ? fail : warn
  const hosts = (await names.namesOf(ip)).slice(0, MOST_NAMES)
  if (hosts.length === 0)
    return problem(
      `${ip} has no reverse name (PTR), and large receivers refuse mail from such addresses. Ask whoever gave you the address to set one.`,
    )
  const type = isIPv6(ip) ? 'AAAA' : 'A'
  const confirmed = await Promise.all(
    hosts.map(async (host) => (await names.records(host, type)).some((address) => isSame(address, ip))),
  )
  const host = hosts.find((_host, index) => confirmed[index])
  return host === undefined
    ? problem(
        `The reverse name of ${ip} is ${hosts.join(', ')}, but that name does not lead back to ${ip}, and large receivers refuse such mail. Publish an ${type} record with ${ip} at ${hosts[0]}, or let the reverse name be changed.`,
      )
    : pass(`${ip} is ${host}, and that name leads back to it.`)
}

/** An IPv6 address can be written in several ways. */
function isSame(one: string, other: string): boolean {
  const list = new BlockList()
  const family = isIPv6(one) ? 'ipv6' : 'ipv4'
  list.addAddress(one, family)
  return list.check(other, family)
}
