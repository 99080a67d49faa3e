// pnpm test:chaos [--seed <n>] [--sends <n>] [--scene <n> [--times <n>]] [--through <wrappers>]
//
// Sends at random through servers that misbehave, and compares what every send was told with what the servers took.
// A failing scene is printed with the command that plays it alone, some times over: what is drawn is the same each time,
// but not the order in which sockets come to speak. With `--through 'retry failover limit'`, every scene has these wrappers.
import { parseArgs } from 'node:util'
import { THROUGH } from './plan.ts'
import { reportOf } from './report.ts'
import { allScenes, run } from './run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    sends: { type: 'string' },
    scene: { type: 'string' },
    times: { type: 'string' },
    through: { type: 'string' },
  },
})
const seed = numberOf('seed', Math.floor(Math.random() * 1e6))
console.log(`seed ${seed}`)
const tell = (scenes: number): void => void (scenes % 100 === 0 && console.log(`${scenes} scenes`))
const through = THROUGH.find((each) => each === values.through)
if (values.through !== undefined && !through) throw new Error(`--through is one of: ${THROUGH.join(', ')}`)
const options = { heard: tell, through }
const result =
  values.scene === undefined
    ? await run(seed, allScenes(), numberOf('sends', 20_000), options)
    : await run(seed, Array<number>(numberOf('times', 20)).fill(numberOf('scene', 0)), Infinity, options)
console.log(reportOf(result))
if (result.failed.length + result.contradictions.length > 0) process.exitCode = 1

function numberOf(option: keyof typeof values, otherwise: number): number {
  const number = Number(values[option] ?? otherwise)
  if (Number.isInteger(number) && number >= 0) return number
  throw new Error(`--${option} is a whole number`)
}
