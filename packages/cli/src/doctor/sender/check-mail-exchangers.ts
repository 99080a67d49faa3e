import { isIP } from 'node:net'
import { fail, pass, warn, type Finding, type Sender } from './sender.ts'

/** Looks whether replies and bounces can arrive (RFC 5321 section 5.1, RFC 7505). */
export async function checkMailExchangers({ domain, names }: Sender): Promise<Finding> {
  const records = await names.records(domain, 'MX')
  if (records.length === 0) return withoutMx({ domain, names })
  const hosts = records.toSorted((a, b) => a.priority - b.priority).map(({ exchange }) => exchange)
  if (hosts.every((host) => host === ''))
    return fail(
      `${domain} says that it takes no mail (a null MX), so no reply or bounce can arrive, and receivers may refuse mail from it. Publish an MX record with the server that takes its mail, or send from another domain.`,
    )
  const faults = await Promise.all(hosts.map((host) => faultOf(host, names)))
  const found = faults.filter((fault) => fault !== undefined)
  if (found.length === 0) return pass(`Replies and bounces go to ${hosts.join(', ')}.`)
  const detail = found.map(({ detail: each }) => each).join(' ')
  return found.filter(({ isDead }) => isDead).length === hosts.length
    ? fail(`${detail} No reply or bounce can arrive.`)
    : warn(detail)
}

async function withoutMx({ domain, names }: Pick<Sender, 'domain' | 'names'>): Promise<Finding> {
  return (await hasAddress(domain, names))
    ? warn(
        `${domain} has no MX record, so replies and bounces go to the address of ${domain} itself. Publish an MX record with the server that takes its mail.`,
      )
    : fail(
        `${domain} has no MX record and no address, so no reply or bounce can arrive, and many receivers refuse mail from it. Publish an MX record with the server that takes its mail.`,
      )
}

/** What is wrong with a host. `isDead`: nothing can be delivered to it. */
interface Fault {
  readonly isDead: boolean
  readonly detail: string
}

async function faultOf(host: string, names: Sender['names']): Promise<Fault | undefined> {
  if (isIP(host))
    return { isDead: true, detail: `The MX record has the IP address ${host}, but it must have a host name.` }
  if (!(await hasAddress(host, names)))
    return { isDead: true, detail: `The MX record has ${host}, which has no address. Correct the name.` }
  const [alias] = await names.records(host, 'CNAME')
  if (alias === undefined) return undefined
  const detail = `The MX record has ${host}, which is an alias (CNAME) of ${alias}. Some servers do not deliver to an alias: put ${alias} into the MX record.`
  return { isDead: false, detail }
}

async function hasAddress(host: string, names: Sender['names']): Promise<boolean> {
  return (await names.records(host, 'A')).length > 0 || (await names.records(host, 'AAAA')).length > 0
}
