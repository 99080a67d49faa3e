// Prints the report in its first argument, as the doctor does: the steps as they end, then the rest; or JSON.
import { MailError } from '@loudmail/core'
import { LiveReport } from '../../src/doctor/live-report.ts'
import { printReport } from '../../src/doctor/print-report.ts'
import { reportJson } from '../../src/doctor/report-json.ts'
import type { Report } from '../../src/doctor/report.ts'
import type { Target } from '../../src/doctor/target.ts'
import { Terminal } from '../../src/terminal/terminal.ts'

interface Given extends Omit<Report, 'failure'> {
  readonly failure?: ConstructorParameters<typeof MailError>[0]
  readonly words?: Target['words']
  readonly secret?: string
  readonly json?: boolean
}

const { failure, words, secret, json, ...given } = JSON.parse(process.argv[2]!) as Given
const report: Report = { ...given, failure: failure && new MailError(failure) }
const terminal = new Terminal()
await terminal.keepSecrets()
terminal.secrets.add(secret)
if (json) terminal.printJson(reportJson(report))
else {
  const live = new LiveReport(terminal)
  live.waitFor('the greeting')
  for (const step of report.steps) live.step(step)
  live.clear()
  printReport(terminal, report, words)
}
