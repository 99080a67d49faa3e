export { expectTruth, judge } from './judge.ts'
export { play, TIMEOUT_MS, type Endpoint, type MakeTransport } from './play.ts'
export { scenarios, type ClientSettings, type Scenario, type Truth } from './scenario.ts'
