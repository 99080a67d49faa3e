import { metrics, outcomeOf, ratios, spreadOf, type Spread } from './figures.ts'
import type { Goal, Group, Metric } from './group.ts'
import type { Results } from './run.ts'

/** One group that was run. */
export interface Section {
  readonly group: Group
  readonly results: Results
}

const NAMES: Readonly<Record<Metric, string>> = { rate: 'messages/s', cpu: 'CPU', peak: 'peak memory' }

/** The section as Markdown: the figures, the targets, and every run. */
export function sectionOf({ group, results }: Section): string {
  const labels = Object.keys(results)
  const [reference] = labels as [string]
  const [what, each] = group.mode === 'import' ? ['loads/s', 'load'] : ['messages/s', 'message']
  const rows = labels.map((label) => {
    const figure = (metric: Metric, scale = 1): string =>
      spread(spreadOf(metrics(results, label, metric).map((value) => value / scale)))
    const ratio = (metric: Metric): string => spread(spreadOf(ratios(results, label, reference, metric)))
    return [
      label,
      figure('rate'),
      ratio('rate'),
      figure('cpu'),
      ratio('cpu'),
      figure('peak', 1_048_576),
      ratio('peak'),
    ]
  })
  const parts = [
    `## ${group.title}`,
    `Command: \`pnpm bench --only ${group.id}\`. ${describe(group)} ${results[reference]!.length} rounds.`,
    table(['', what, 'ratio', `CPU µs a ${each}`, 'ratio', 'peak MiB', 'ratio'], rows),
  ]
  if (group.goals.length > 0) parts.push(table(['Target', 'Measured', 'Met'], goalRows(group, results)))
  parts.push(everyRun(results, what))
  return parts.join('\n\n')
}

/** A few lines for the terminal. */
export function summaryOf(section: Section): string {
  const { group, results } = section
  const [reference] = Object.keys(results) as [string]
  const width = Math.max(...Object.keys(results).map((label) => label.length))
  const lines = Object.keys(results).map((label) => {
    const { median } = spreadOf(metrics(results, label, 'rate'))
    const [rate, cpu] = (['rate', 'cpu'] as const).map((metric) =>
      spread(spreadOf(ratios(results, label, reference, metric))),
    )
    const micros = number(spreadOf(metrics(results, label, 'cpu')).median)
    const peak = number(spreadOf(metrics(results, label, 'peak')).median / 1_048_576)
    return `  ${label.padEnd(width)}  ${number(median).padStart(7)}/s ${rate}, CPU ${micros} µs ${cpu}, ${peak} MiB`
  })
  const goals = goalRows(group, results).map((row) => `  ${row.join(' | ')}`)
  return [group.title, ...lines, ...goals].join('\n')
}

function goalRows(group: Group, results: Results): string[][] {
  return group.goals.map((goal) => {
    const outcome = outcomeOf(goal, group, results)
    return outcome
      ? [sentenceOf(goal), spread(outcome.spread), outcome.met ? 'yes' : '**no**']
      : [sentenceOf(goal), 'not installed here', '']
  })
}

function sentenceOf({ of, metric, to, atLeast, atMost }: Goal): string {
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`
  return `${of}, ${NAMES[metric]}: ${bound} times ${to}`
}

function describe({ server, connections, roundTripMs, seconds, mode }: Group): string {
  if (!server) return ''
  const where = roundTripMs ? `${server}, ${roundTripMs} ms away` : server
  const length = mode === 'send' ? ` ${seconds} s a run.` : ''
  return `Into ${where}; ${connections === 1 ? 'one connection' : `${connections} connections`}.${length}`
}

function everyRun(results: Results, what: string): string {
  const lines = Object.keys(results).map((label) => {
    const rates = metrics(results, label, 'rate').map(number).join(' · ')
    const micros = metrics(results, label, 'cpu').map(number).join(' · ')
    return `- ${label}: ${rates} ${what}; ${micros} µs`
  })
  return `<details><summary>Every run</summary>\n\n${lines.join('\n')}\n\n</details>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  )
}

function spread({ median, least, most }: Spread): string {
  if (Number.isNaN(median)) return '–'
  return `${number(median)} (${number(least)}–${number(most)})`
}

/** Three significant digits. */
function number(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(value < 1 ? 2 : 3)))
}
