import type { Findings } from './doctor.ts'
import type { SetUp } from './set-up.ts'

/** The table of all set-ups, in Markdown. It has nothing that differs from run to run. */
export function tableOf(rows: ReadonlyMap<SetUp, Findings>): string {
  const head = [
    '| what is wrong | server | the doctor finds | what it says | tried |',
    '|---|---|---|---|---|',
  ]
  const body = [...rows].map(([{ title, servers }, { failure, fixes, steps }]) => {
    const works = fixes.find(({ verified }) => verified) ?? fixes[0]
    const warning = steps.find(({ verdict }) => verdict === 'warn')
    return [
      title,
      typeof servers === 'string' ? servers : 'scripted',
      failure ? `\`${failure.code}\`` : 'it works',
      steady(works?.change ?? (failure ? '' : (warning?.detail ?? ''))),
      works ? (works.verified ? 'yes' : 'no') : '',
    ]
  })
  return [...head, ...body.map((cells) => `| ${cells.map(escaped).join(' | ')} |`)]
    .map((line) => `${line}\n`)
    .join('')
}

/** Certificates and folders are made for each run. */
function steady(text: string): string {
  return text
    .replaceAll(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g, '…')
    .replaceAll(/\/\S*loudmail-doctor-\w+/g, '…')
    .replaceAll(/\b\d+ days \([\d-]+\)/g, '… days')
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, '…')
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
