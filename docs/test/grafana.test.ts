import { readFile } from 'node:fs/promises'
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { FAILURE_CODES, KINDS } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dashboard } from '../grafana/dashboard.ts'

interface Metric {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly unit: string
  readonly attributes: readonly string[]
}

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels?: { readonly severity: string }
  readonly annotations?: Readonly<Record<string, string>>
}

const read = (name: string): Promise<string> =>
  readFile(new URL(`../grafana/${name}`, import.meta.url), 'utf8')
const metrics = JSON.parse(await read('metrics.json')) as readonly Metric[]
const committed = JSON.parse(await read('loudmail.json')) as Dashboard
const { groups } = parse(await read('alerts.yaml')) as { groups: readonly { rules: readonly Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const alerts = rules.filter((rule) => rule.alert !== undefined)

const isPanel = (panel: Panel | RowPanel): panel is Panel => panel.type !== 'row'
const all = committed.panels ?? []
const panels = all.filter((panel) => isPanel(panel))
const expressions = panels.flatMap(({ title, targets }) =>
  (targets ?? []).map((target) => [title, (target as unknown as { expr: string }).expr] as const),
)

/** What a metric is called in Prometheus: by a collector or by Prometheus itself, and by the exporter for Node. */
function namesOf({ name, kind, unit }: Metric): string[] {
  const plain = name.replaceAll('.', '_')
  if (kind === 'counter') return [`${plain}_total`]
  const names = [...new Set([plain, plain + (unit === 's' ? '_seconds' : '')])]
  return kind === 'gauge' ? names : names.map((each) => `${each}_bucket`)
}

/** The metrics that a selector means, with the labels that it names. */
function selectorsIn(expr: string): { metric: RegExp; labels: string[] }[] {
  const selectors =
    /(?<metric>\bmail_\w+)(?:\{(?<matchers>[^}]*)\})?|\{__name__=~"(?<pattern>[^"]+)",(?<rest>[^}]*)\}/g
  const names = /(\w+)\s*(?:=~|!~|!=|=)\s*"/g
  return [...withoutGrouping(expr).matchAll(selectors)].map(({ groups: found }) => ({
    metric: new RegExp(`^(?:${found!.metric ?? found!.pattern})$`),
    labels: [...(found!.matchers ?? found!.rest ?? '').matchAll(names)].map(([, label]) => label!),
  }))
}

function groupingsIn(expr: string): string[] {
  return [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels]) =>
    labels!.split(',').map((each) => each.trim()),
  )
}

function withoutGrouping(expr: string): string {
  return expr
    .replaceAll(/\b(?:by|on) \([^)]*\)/g, '')
    .replaceAll(/\bjob:mail_(\w+):increase15m/g, 'mail_$1_total')
    .replaceAll('job:mail_is_down', 'mail_transport_health')
}

const FROM_PROMETHEUS = ['job', 'le']
const labelsOf = (metric: Metric): string[] => metric.attributes.map((name) => name.replaceAll('.', '_'))

/** What an expression asks for and no metric has. */
function unknownIn(expr: string): string[] {
  const asked = selectorsIn(expr).map((selector) => {
    const meant = metrics.filter((metric) => namesOf(metric).some((name) => selector.metric.test(name)))
    return { ...selector, meant, known: [...FROM_PROMETHEUS, ...meant.flatMap(labelsOf)] }
  })
  const known = asked.flatMap((each) => each.known)
  return [
    ...asked.filter(({ meant }) => meant.length !== 1).map(({ metric }) => String(metric)),
    ...asked.flatMap((each) => each.labels.filter((label) => !each.known.includes(label))),
    ...groupingsIn(expr).filter((label) => !known.includes(label)),
  ]
}

it('a name that no metric has is found', () => {
  expect(unknownIn('rate(mail_send_total{job="shop"}[5m])')).toEqual([String(/^(?:mail_send_total)$/)])
  expect(unknownIn('sum by (code) (rate(mail_sends_total{state="failed"}[5m]))')).toEqual(['state', 'code'])
})

describe('the dashboard', () => {
  it('is what `node docs/grafana/dashboard.ts` makes with the types of Grafana', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(dashboard())))
  })

  it('can be imported as it is: the data source is a variable, and nothing names a machine', () => {
    expect(committed.uid).toBe('loudmail')
    expect(committed.templating.list?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'datasource datasource',
      'job query',
    ])
    const sources = [...JSON.stringify(committed).matchAll(/"datasource":(\{.*?\})[,}]/g)].map(
      ([, source]) => source,
    )
    expect(new Set(sources)).toEqual(new Set(['{"type":"prometheus","uid":"${datasource}"}']))
  })

  it('says of every panel what it shows', () => {
    expect(panels.filter(({ title, description }) => !title || !description)).toEqual([])
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  it('has no panel over another one', () => {
    const cells = all.flatMap(({ title, gridPos }) => {
      const { x, y, w, h } = gridPos!
      expect(x + w, title).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
  })

  it('leads from a code to what it means', () => {
    const table = panels.find(({ type }) => type === 'table')
    expect(JSON.stringify(table?.fieldConfig?.overrides)).toContain('/docs/failures.md')
  })

  it.each(expressions)('%s asks for metrics and labels that exist: %s', (_title, expr) => {
    expect(unknownIn(expr)).toEqual([])
    expect(selectorsIn(expr).every(({ labels }) => labels.includes('job'))).toBe(true)
  })

  it('shows every metric', () => {
    const asked = expressions.flatMap(([, expr]) => selectorsIn(expr))
    const shown = (metric: Metric): boolean =>
      namesOf(metric).every((name) => asked.some((selector) => selector.metric.test(name)))
    expect(metrics.filter((metric) => !shown(metric))).toEqual([])
  })
})

describe('the alert rules', () => {
  it.each(rules.map(({ alert, record, expr }) => [alert ?? record!, expr] as const))(
    '%s asks for metrics and labels that exist',
    (_name, expr) => {
      expect(selectorsIn(expr)).not.toEqual([])
      expect(unknownIn(expr)).toEqual([])
    },
  )

  it.each(alerts.map((rule) => [rule.alert!, rule] as const))(
    '%s says what happened and what to do',
    (_name, rule) => {
      expect(['critical', 'warning']).toContain(rule.labels?.severity)
      expect(rule.annotations?.summary).toMatch(/^\{\{ \$labels\.job \}\}/)
      expect(rule.annotations?.description?.length).toBeGreaterThan(100)
      // What a text names is a label of the result.
      const named = [...JSON.stringify(rule.annotations).matchAll(/\$labels\.(\w+)/g)].map(
        ([, label]) => label!,
      )
      const outer = groupingsIn(rule.expr.slice(0, rule.expr.indexOf(')')) + ')')
      expect(named.filter((label) => !outer.includes(label))).toEqual([])
    },
  )

  it('MailNeedsConfiguration leaves out the kinds that may pass', () => {
    const { expr } = alerts.find(({ alert }) => alert === 'MailNeedsConfiguration')!
    const [, listed] = /error_type!~"\.\+\/\(([^)]+)\)"/.exec(expr)!
    const passing = FAILURE_CODES.filter((code) => /^(tls|auth)\//.test(code))
      .map((code) => code.split('/')[1] as keyof typeof KINDS)
      .filter((kind) => 'transient' in KINDS[kind])
    expect(listed!.split('|').toSorted()).toEqual([...new Set(passing)].toSorted())
  })

  it('are all explained in the docs, with how bad each is', async () => {
    const text = await read('../observability.md')
    const rows = [...text.matchAll(/^\| `(Mail\w+)` \| (\w+) \|/gm)].map(
      ([, name, severity]) => `${name} ${severity}`,
    )
    expect(rows).toEqual(alerts.map(({ alert, labels }) => `${alert} ${labels?.severity}`))
  })
})
