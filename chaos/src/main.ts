// pnpm test:chaos [--seed <n>] [--sends <n>] [--scene <n> [--times <n>]]
//
// Sends at random through servers that misbehave, and compares what every send was told with what the servers took.
// A failing scene is printed with the command that plays it alone; timing is not repeated, so it may take some times.
import { parseArgs } from 'node:util'
import { replayOf, reportOf } from './report.ts'
import { run } from './run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    sends: { type: 'string', default: '20000' },
    scene: { type: 'string' },
    times: { type: 'string', default: '20' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
console.log(`seed ${seed}`)
const scene = values.scene === undefined ? undefined : Number(values.scene)
let heard = 0
const result = await run(seed, scene === undefined ? Number(values.sends) : Infinity, {
  ...(scene !== undefined && { first: scene, scenes: Number(values.times), isSame: true }),
  heard: () => void (++heard % 100 === 0 && console.log(`${heard} scenes`)),
})
console.log(reportOf(result))
if (result.failed.length + result.contradictions.length > 0) {
  for (const { number } of result.failed.slice(0, 1))
    console.log(`\nplay it again: ${replayOf(seed, number)}`)
  process.exitCode = 1
}
