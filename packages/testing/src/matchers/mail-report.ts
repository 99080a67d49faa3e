import type { TestMail } from '../inbox/test-mail.ts'
import { shown } from './value-match.ts'
import type { WantedMail } from './wanted-mail.ts'

const MOST_MAILS = 10
const MOST_RECIPIENTS = 5

/** Lists what was found instead of the wanted mail: at most 10 mails, and how the nearest one differs. */
export function mailReport(mails: readonly TestMail[], wanted: WantedMail): string {
  const compared = mails.map((mail, index) => ({ mail, index, differences: wanted.differences(mail) }))
  const distance = ({ differences }: (typeof compared)[number]): number => differences?.length ?? Infinity
  const nearestFirst = compared.toSorted(
    // If several are equally near, the newest comes first.
    (one, other) => distance(one) - distance(other) || other.index - one.index,
  )
  const listed = nearestFirst.slice(0, MOST_MAILS).toSorted((one, other) => one.index - other.index)
  const matching = compared.filter((one) => distance(one) === 0).length
  const [nearest] = matching === 0 ? nearestFirst : []
  return [
    `Found:  ${matching === 0 ? 'none' : matching} among ${mails.length === 1 ? '1 mail' : `${mails.length} mails`}`,
    ...listed.map(({ mail, index, differences }) => {
      return `  ${index + 1}. ${mailLine(mail)}${differences?.length === 0 ? ' (matches)' : ''}`
    }),
    ...(mails.length > listed.length ? [`  and ${mails.length - listed.length} more`] : []),
    ...(nearest?.differences
      ? [`Nearest is ${nearest.index + 1}:`, ...nearest.differences.map(indented)]
      : []),
  ].join('\n')
}

/** One mail on one line: its outcome, its subject and its recipients. */
function mailLine({ state, code, error, subject, envelope }: TestMail): string {
  const part = error?.delivered === 'some' ? ' in part' : ''
  const outcome = state === 'failed' ? `failed${part} with ${code ?? 'an unknown code'}` : state
  const statuses = new Map(error?.recipients.map(({ address, status }) => [address, status]))
  const recipients = envelope.to.slice(0, MOST_RECIPIENTS).map((address) => {
    const status = statuses.get(address)
    return status === undefined ? address : `${address} (${status})`
  })
  const more = envelope.to.length - recipients.length
  return `${outcome}: ${shown(subject)} to ${recipients.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function indented(line: string): string {
  return `  ${line}`
}
