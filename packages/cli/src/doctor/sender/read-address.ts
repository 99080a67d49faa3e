import { BlockList, isIP, isIPv6 } from 'node:net'
import { UsageError } from '../../usage-error.ts'
import type { SendingAddress } from './sender.ts'

export interface Addresses {
  /** The address that receivers see. */
  readonly ip?: string | undefined
  /** The address of the mail server, which stands in for `ip`: what does not fit is then only a warning. */
  readonly serverIp?: string | undefined
}

/** The address to look at, or a sentence why there is none. Throws UsageError for what is not an address. */
export function readAddress({ ip, serverIp }: Addresses): SendingAddress | string {
  if (ip !== undefined && isIP(ip) === 0) throw new UsageError(`--ip takes an IP address, not ${ip}`)
  const known = ip ?? serverIp
  const how = 'Give the address that receivers see with --ip.'
  if (known === undefined) return `Not looked at, because the sending address is not known. ${how}`
  if (PRIVATE.check(known, isIPv6(known) ? 'ipv6' : 'ipv4'))
    return `Not looked at, because ${known} is a private address, which receivers never see. ${how}`
  return { ip: known, isCertain: ip !== undefined }
}

const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')
