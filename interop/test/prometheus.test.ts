import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALERT_CASES } from '../src/alert-cases.ts'
import { promtool, startPrometheus, type Prometheus } from '../src/prometheus.ts'

const GRAFANA = join(import.meta.dirname, '../../docs/grafana')
const RULES = join(GRAFANA, 'alerts.yaml')

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

interface Metric {
  readonly name: string
  readonly kind: string
  readonly unit: string
  readonly attributes: readonly string[]
}

const json = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(join(GRAFANA, name), 'utf8')) as T
const { panels } = await json<{ panels: readonly Panel[] }>('loudmail.json')
const metrics = await json<readonly Metric[]>('metrics.json')
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const))

/** What Grafana puts in. */
function substituted(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll('$job', '.*')
}

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'loudmail-prometheus-'))))
afterAll(() => rm(folder, { recursive: true }))

describe('promtool', () => {
  it('finds nothing wrong in the alert rules', async () => {
    expect(await promtool('check', 'rules', RULES)).toContain('SUCCESS')
  })

  it('finds nothing wrong in the expressions of the dashboard', async () => {
    const rules = queries.map(([, expr], index) => ({ record: `panel:${index}`, expr: substituted(expr) }))
    const file = join(folder, 'dashboard.yaml')
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    expect(await promtool('check', 'rules', file)).toContain(`SUCCESS: ${queries.length} rules found`)
  })

  it.each(ALERT_CASES.map((each) => [each.title, each] as const))('%s', async (title, each) => {
    const test = {
      interval: '1m',
      input_series: each.series,
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${each.afterMinutes}m`,
          exp_samples: each.fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
        },
      ],
    }
    const file = join(folder, `${title.replaceAll(/\W/g, '-')}.yaml`)
    await writeFile(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests: [test] }))
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS')
  })
})

/** Samples of every metric for an hour, under the names that a collector gives them, or under those of the exporter for Node. */
function samples(unitSuffix: '_seconds' | '', from: number): string {
  const text: string[] = []
  for (const { name, kind, unit, attributes } of metrics) {
    const plain = name.replaceAll('.', '_')
    const family = unit === 's' ? `${plain}${unitSuffix}` : plain
    text.push(`# TYPE ${family} ${kind}`)
    for (const state of ['sent', 'failed']) {
      const labels = (all: Readonly<Record<string, string>>): string =>
        Object.entries({ job: 'shop', ...all })
          .map(([label, value]) => `${label}="${value}"`)
          .join(',')
      const own = Object.fromEntries(
        attributes.map((attribute) => [attribute.replaceAll('.', '_'), valueOf(attribute, state)]),
      )
      if (!attributes.includes('mail.state') && state === 'failed') continue
      for (let step = 0; step <= 240; step++) {
        const at = from + step * 15
        const line = (suffix: string, value: number, more: Readonly<Record<string, string>> = {}): void =>
          void text.push(`${family}${suffix}{${labels({ ...own, ...more })}} ${value} ${at}`)
        if (kind === 'gauge') line('', 1)
        if (kind === 'counter') line('_total', step + 1)
        if (kind === 'histogram') {
          line('_bucket', step, { le: '0.1' })
          line('_bucket', step * 2, { le: '+Inf' })
          line('_count', step * 2)
          line('_sum', step)
        }
      }
    }
  }
  return [...text, '# EOF', ''].join('\n')
}

const FAILED: Readonly<Record<string, string>> = {
  'error.type': 'connect/timeout',
  'mail.permanence': 'transient',
  'mail.delivered': 'unknown',
  'mail.silenced': 'true',
}

function valueOf(attribute: string, state: string): string {
  if (attribute === 'mail.state') return state
  if (attribute in FAILED) return state === 'failed' ? FAILED[attribute]! : ''
  return `a ${attribute}`
}

describe.each([
  ['a collector', '_seconds'],
  ['the exporter for Node', ''],
] as const)('Prometheus with the names of %s', (_who, unitSuffix) => {
  const from = Math.floor(Date.now() / 1000) - 2 * 3600
  let prometheus: Prometheus
  beforeAll(async () => {
    const own = await mkdtemp(join(folder, 'server-'))
    prometheus = await startPrometheus(own, samples(unitSuffix, from), RULES)
  })
  afterAll(() => prometheus[Symbol.asyncDispose]())

  it.each(queries)('has something to show for %s: %s', async (_title, expr) => {
    const { result } = await prometheus.get<{ result: { value: [number, string] }[] }>('/api/v1/query', {
      query: substituted(expr),
      time: String(from + 3600),
    })
    expect(result.length).toBeGreaterThan(0)
    for (const { value } of result) expect(Number(value[1])).toBeGreaterThan(0)
  })

  it('loads every rule', async () => {
    const { groups } = await prometheus.get<{ groups: { rules: { name: string; type: string }[] }[] }>(
      '/api/v1/rules',
    )
    const alerts = groups.flatMap((group) => group.rules).filter(({ type }) => type === 'alerting')
    const tested = new Set(ALERT_CASES.flatMap(({ fires }) => fires))
    expect(alerts.map(({ name }) => name).toSorted()).toEqual([...tested].toSorted())
  })
})
