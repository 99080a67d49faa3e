import type { Failed, Run } from './run.ts'
import type { Sending } from './sending.ts'

/** Scenes that are shown in full. */
const SHOWN = 3
const MOST_CONTRADICTIONS = 12
const MOST_LINES = 200

/** The one command that plays a scene again. */
function replayOf({ seed, through }: Run, number: number): string {
  const wrappers = through === undefined ? '' : ` --through '${through}'`
  return `pnpm test:chaos --seed ${seed} --scene ${number}${wrappers}`
}

/** What a run came to, in words; a failed scene with all that was said in it of the messages in question. */
export function reportOf(run: Run): string {
  const { seed, scenes, sends, totals, failed, contradictions } = run
  const recipients = Object.entries(totals)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')
  return [
    `seed ${seed}: ${sends} sends in ${scenes} scenes; recipients: ${recipients}`,
    `${failed.length} scenes with contradictions`,
    ...contradictions,
    ...failed.slice(0, SHOWN).map((each) => sceneReport(run, each)),
    ...failed.slice(SHOWN).map((each) => `${replayOf(run, each.number)}  # ${each.contradictions[0]}`),
  ].join('\n')
}

function sceneReport(run: Run, failed: Failed): string {
  const { number, plan, sendings, contradictions } = failed
  const { client, servers, closeAtMs } = plan
  const concerned = sendings.filter((each) =>
    contradictions.some((told) => told.startsWith(`${each.plan.id}:`)),
  )
  return [
    `\nscene ${number}: ${replayOf(run, number)}`,
    ...contradictions.slice(0, MOST_CONTRADICTIONS).map((each) => `  ! ${each}`),
    `  client ${JSON.stringify(client)}`,
    ...servers.map((each) => `  server ${JSON.stringify(each)}`),
    ...(closeAtMs === undefined ? [] : [`  closed after ${closeAtMs} ms`]),
    ...concerned.flatMap(sendReport).map((line) => `  ${line}`),
    ...connectionsOf(failed, concerned).map((line) => `  ${line}`),
  ].join('\n')
}

function sendReport({ plan, events, eventsWhenSettled }: Sending): string[] {
  return [
    `send ${JSON.stringify(plan)}`,
    ...events.map(
      ({ type, error }, index) =>
        `  ${type}${index < eventsWhenSettled ? '' : ', after it settled'}: ${error?.message ?? 'sent'}`,
    ),
  ]
}

/** What was said on the connections that the messages in question were on, or that are named. */
function connectionsOf({ contradictions, log }: Failed, concerned: readonly Sending[]): readonly string[] {
  const about = log.filter((line) => concerned.some(({ plan }) => line.includes(plan.id)))
  const named = contradictions.flatMap((told) => told.split(/[ ;]+/).filter((word) => word.includes('#')))
  const connections = new Set([...named, ...about.map(connectionOf)])
  return log.filter((line) => connections.has(connectionOf(line))).slice(0, MOST_LINES)
}

function connectionOf(line: string): string {
  return line.split(' ', 2)[1]!
}
