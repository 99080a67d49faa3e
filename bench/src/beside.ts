import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cpu, rate } from './contestants.ts'
import type { Contestant, Group } from './group.ts'

const MODES: readonly string[] = ['send', 'burst', 'many']

/**
 * A group in which every row of Loudmail that sends is followed by the same row with the build of another checkout.
 *
 * @throws if the other checkout is not built
 */
export function withBeside(group: Group, folder: string): Group {
  if (!existsSync(join(folder, 'packages/smtp/dist/index.js')))
    throw new Error(`there is no build in ${folder}: run \`pnpm exec turbo run build\` there`)
  if (!MODES.includes(group.mode)) return group
  const isOurs = ({ client, variant }: Contestant): boolean => client === 'loudmail' && variant !== 'record'
  const ours = group.contestants.filter(isOurs)
  return {
    ...group,
    contestants: group.contestants.flatMap((contestant) =>
      isOurs(contestant) ? [contestant, before(contestant, folder)] : contestant,
    ),
    goals: [
      ...group.goals,
      ...ours.flatMap(({ label }) => [
        rate(label, labelBefore(label), 0.95),
        cpu(label, labelBefore(label), 1.05),
      ]),
    ],
  }
}

function before(contestant: Contestant, folder: string): Contestant {
  return { ...contestant, label: labelBefore(contestant.label), client: 'loudmail-beside', folder }
}

function labelBefore(label: string): string {
  return `${label}, before`
}
