// Writes docs/grafana/loudmail.json: node docs/grafana/dashboard.ts
import { writeFileSync } from 'node:fs'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

const FAILURES = 'https://github.com/loudmail/loudmail/blob/main/docs/failures.md'
const SOURCE = { type: 'prometheus', uid: '${datasource}' }
const JOB = 'job=~"$job"'
const FAILED = `${JOB}, mail_state="failed"`
const RATE = '$__rate_interval'

/** The dashboard, in the form that Grafana imports. */
export function dashboard(): Dashboard {
  const built = new DashboardBuilder('Loudmail')
    .uid('loudmail')
    .description(
      'Mail that leaves through Loudmail, and what becomes of it. It needs the metrics of @loudmail/opentelemetry.',
    )
    .tags(['loudmail', 'mail'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .editable()
    .link(
      new DashboardLinkBuilder('What each failure means')
        .type(DashboardLinkType.Link)
        .icon('doc')
        .url(FAILURES)
        .targetBlank(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Application')
        .datasource(SOURCE)
        .query('label_values(mail_sends_total, job)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        // oxlint-disable-next-line unicorn/no-array-sort
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ selected: true, text: 'All', value: '$__all' }),
    )
    .withRow(new RowBuilder('Now'))
    .withPanel(health())
    .withPanel(
      total('Sent', 'Messages in the time shown that a server, a queue or a store took.', [
        ['', counted(`mail_sends_total{${JOB}, mail_state!="failed"}`)],
      ]),
    )
    .withPanel(
      total('Failed', 'Messages in the time shown that did not reach every recipient.', [
        ['', counted(`mail_sends_total{${FAILED}}`)],
      ]).thresholds(redFrom(1)),
    )
    .withPanel(
      total('Silenced', 'Failures that the policy kept from the caller. Nobody but you hears of them.', [
        ['', counted(`mail_sends_total{${FAILED}, mail_silenced="true"}`)],
      ]).thresholds(redFrom(1)),
    )
    .withPanel(
      total(
        'Maybe delivered',
        'Failures after which nobody knows whether the message arrived. Do not send these again without a look.',
        [['', counted(`mail_sends_total{${FAILED}, mail_delivered="unknown"}`)]],
      ).thresholds(redFrom(1)),
    )
    .withRow(new RowBuilder('Sends'))
    .withPanel(
      over('Sends', 'Messages per second by what became of them.', 'mps', [
        ['{{mail_state}}', `sum by (mail_state) (rate(mail_sends_total{${JOB}}[${RATE}]))`],
      ])
        .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
        .fillOpacity(20),
    )
    .withPanel(
      over('Failures by code', 'Failed messages per second: the step and what happened there.', 'mps', [
        ['{{error_type}}', `sum by (error_type) (rate(mail_sends_total{${FAILED}}[${RATE}]))`],
      ])
        .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
        .fillOpacity(20),
    )
    .withPanel(
      over('Share of failures', 'Failed messages of all messages, and silenced ones of all.', 'percentunit', [
        ['failed', share(`mail_sends_total{${FAILED}}`)],
        ['silenced', share(`mail_sends_total{${FAILED}, mail_silenced="true"}`)],
      ])
        .min(0)
        .max(1),
    )
    .withPanel(topFailures())
    .withRow(new RowBuilder('Attempts'))
    .withPanel(
      over(
        'Attempts per message',
        'One if every message goes out at the first attempt. More means retries or a backup.',
        'short',
        [
          [
            'attempts per message',
            `sum(rate(mail_attempts_total{${JOB}}[${RATE}])) / sum(rate(mail_sends_total{${JOB}}[${RATE}]))`,
          ],
        ],
      ),
    )
    .withPanel(
      over('Attempts by transport', 'Who carries the mail. After a failover it is the backup.', 'ops', [
        [
          '{{mail_transport}}',
          `sum by (mail_transport) (rate(mail_attempts_total{${JOB}, mail_state!="failed"}[${RATE}]))`,
        ],
      ]),
    )
    .withPanel(
      over(
        'Failed attempts',
        'Attempts per second that failed, also where a later attempt succeeded.',
        'ops',
        [
          [
            '{{mail_transport}} {{error_type}}',
            `sum by (mail_transport, error_type) (rate(mail_attempts_total{${FAILED}}[${RATE}]))`,
          ],
        ],
      ),
    )
    .withRow(new RowBuilder('Time'))
    .withPanel(
      over(
        'How long a send takes',
        'With all its attempts and waits.',
        's',
        quantiles('mail_send_duration', [0.5, 0.95, 0.99]),
      ),
    )
    .withPanel(
      over(
        'How long an attempt takes',
        'At one transport, without waits before it.',
        's',
        quantiles('mail_attempt_duration', [0.95], 'mail_transport'),
      ),
    )
    .withRow(new RowBuilder('Outbox'))
    .withPanel(
      over(
        'Messages in an outbox',
        'Kept on disk. Those in doubt and the dead ones wait for you: list them with `loudmail outbox list`.',
        'short',
        [
          [
            '{{mail_transport}} {{mail_outbox_state}}',
            `max by (mail_transport, mail_outbox_state) (mail_outbox_entries{${JOB}})`,
          ],
        ],
      ).min(0),
    )
    .withPanel(
      over(
        'Longest wait in an outbox',
        'How long the oldest message that is due has been waiting for a worker.',
        's',
        [
          [
            '{{mail_transport}}',
            `max by (mail_transport) ({__name__=~"mail_outbox_oldest_waiting(_seconds)?", ${JOB}})`,
          ],
        ],
      ).min(0),
    )
    .withRow(new RowBuilder('Inside'))
    .withPanel(
      over(
        'Messages that wait',
        'In memory, for a connection or for their turn. They are lost if the process is killed.',
        'short',
        [['{{mail_transport}}', `sum by (mail_transport) (mail_queue_length{${JOB}})`]],
      ).min(0),
    )
    .withPanel(
      over('Connections', 'Connections to servers by what they do.', 'short', [
        [
          '{{mail_transport}} {{mail_connection_state}}',
          `sum by (mail_transport, mail_connection_state) (mail_connections{${JOB}})`,
        ],
      ]).min(0),
    )
    .withPanel(
      over('Health', '1 is up, 0.5 degraded, 0 down.', 'short', [
        ['{{mail_transport}}', `min by (mail_transport) (mail_transport_health{${JOB}})`],
      ])
        .min(0)
        .max(1),
    )
    .build()
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1
  return built
}

type Queries = readonly (readonly [legend: string, expr: string])[]

/** A panel of lines over time. */
function over(title: string, description: string, unit: string, queries: Queries): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .span(8)
    .height(8)
    .lineWidth(1)
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        // oxlint-disable-next-line unicorn/no-array-sort
        .sort(common.SortOrder.Descending),
    )
  for (const [index, [legend, expr]] of queries.entries())
    panel.withTarget(query(index, expr).range().legendFormat(legend))
  return panel
}

/** A panel with one large number for the whole time shown. */
function total(title: string, description: string, queries: Queries): stat.PanelBuilder {
  const panel = new stat.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit('short')
    .decimals(0)
    .noValue('0')
    .span(4)
    .height(4)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
  for (const [index, [legend, expr]] of queries.entries())
    panel.withTarget(query(index, `sum(${expr})`).instant().legendFormat(legend))
  return panel
}

function health(): stat.PanelBuilder {
  const states: ValueMapping = {
    type: MappingType.ValueToText,
    options: {
      '1': { text: 'up', color: 'green', index: 0 },
      '0.5': { text: 'degraded', color: 'orange', index: 1 },
      '0': { text: 'down', color: 'red', index: 2 },
    },
  }
  return new stat.PanelBuilder()
    .title('Health')
    .description('Whether mail gets out, judged by the last sends. The worst of all processes.')
    .datasource(SOURCE)
    .mappings([states])
    .noValue('no data')
    .span(8)
    .height(4)
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Background)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .withTarget(
      query(0, `min by (job, mail_transport) (mail_transport_health{${JOB}})`)
        .instant()
        .legendFormat('{{mail_transport}}'),
    )
}

function topFailures(): table.PanelBuilder {
  const codes = `sum by (error_type, mail_permanence, mail_delivered) (${counted(`mail_sends_total{${FAILED}}`)})`
  return new table.PanelBuilder()
    .title('Top failures')
    .description('The most frequent failures in the time shown. Click a code to read what it means.')
    .datasource(SOURCE)
    .span(24)
    .height(9)
    .withTarget(query(0, `topk(20, ${codes} > 0)`).instant().format(prometheus.PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { error_type: 0, Value: 1, mail_permanence: 2, mail_delivered: 3 },
        renameByName: {
          error_type: 'Code',
          Value: 'Messages',
          mail_permanence: 'Permanence',
          mail_delivered: 'Delivered',
        },
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'Messages', desc: true }] } })
    .overrideByName('Code', [
      { id: 'links', value: [{ title: 'What it means', url: FAILURES, targetBlank: true }] },
    ])
    .overrideByName('Messages', [{ id: 'decimals', value: 0 }])
}

function query(index: number, expr: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .datasource(SOURCE)
    .refId(String.fromCodePoint(65 + index))
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(expr)
}

/**
 * How much counters grew in the time shown. `increase()` alone does not see the first failure of its kind: its counter begins
 * with 1, and has no earlier sample.
 */
function counted(counters: string): string {
  const grown = `increase(${counters}[$__range])`
  return `(${grown} + (min_over_time(${counters}[$__range]) unless ${counters} offset $__range)) or ${grown}`
}

function share(counters: string): string {
  return `(sum(rate(${counters}[${RATE}])) or vector(0)) / sum(rate(mail_sends_total{${JOB}}[${RATE}]))`
}

/** The exporter for Node leaves the unit out of the name; collectors and Prometheus itself add it. */
function quantiles(histogram: string, shares: readonly number[], by?: string): Queries {
  const buckets = `{__name__=~"${histogram}(_seconds)?_bucket", ${JOB}}`
  const labels = by === undefined ? 'le' : `le, ${by}`
  return shares.map((each) => [
    by === undefined ? `${each * 100} %` : `{{${by}}}`,
    `histogram_quantile(${each}, sum by (${labels}) (rate(${buckets}[${RATE}])))`,
  ])
}

function redFrom(value: number): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: 'green' },
    { value, color: 'red' },
  ])
}

if (import.meta.main)
  writeFileSync(new URL('loudmail.json', import.meta.url), `${JSON.stringify(dashboard(), null, 2)}\n`)
