import type { Played } from './scene.ts'

const MOST_CONTRADICTIONS = 20

/** What scenes came to, in words. */
export function reportOf(scenes: readonly Played[]): string {
  const totals = sum(scenes.map(({ totals: each }) => ({ ...each })))
  return [
    killsOf(sum(scenes.map(({ kills }) => kills))),
    Object.entries(totals)
      .map(([what, number]) => `${what} ${number}`)
      .join(', '),
    ...scenes.filter(({ contradictions }) => contradictions.length > 0).flatMap(sceneReport),
  ].join('\n')
}

/** How many processes were killed, and where. */
export function killsOf(kills: Readonly<Record<string, number>>): string {
  const points = Object.entries(kills)
    .map(([point, times]) => `${point} ${times}`)
    .toSorted((one, other) => one.localeCompare(other))
  const all = Object.values(kills).reduce((so, times) => so + times, 0)
  return `${all} kills${all > 0 ? `: ${points.join(', ')}` : ''}`
}

function sceneReport({ plan, contradictions, notes }: Played): string[] {
  const { seed, number, inDoubt, style } = plan
  return [
    `scene ${number}, ${inDoubt}, ${style.name}: pnpm test:crash --seed ${seed} --rule ${inDoubt} --scene ${number}`,
    ...contradictions.slice(0, MOST_CONTRADICTIONS).map((each) => `  ! ${each}`),
    ...notes.slice(0, 5).map((note) => `  stderr of ${note}`),
  ]
}

function sum(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const result: Record<string, number> = {}
  for (const each of all)
    for (const [key, number] of Object.entries(each)) result[key] = (result[key] ?? 0) + number
  return result
}
