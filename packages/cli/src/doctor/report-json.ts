import type { MailError } from '@loudmail/core'
import type { Report } from './report.ts'

/** The report as `--json` prints it. Its form is part of the promise of this program. */
export function reportJson({ url, verdict, steps, failure, fixes }: Report): Record<string, unknown> {
  return {
    url,
    verdict,
    steps: steps.map(({ stage, name, verdict: own, durationMs, detail, reply }) => ({
      stage,
      name,
      verdict: own,
      durationMs: Math.round(durationMs * 10) / 10,
      detail,
      reply,
    })),
    failure: failure && failureJson(failure),
    fixes: fixes.map(({ change, url: fixed, options, verified }) => ({
      change,
      url: fixed,
      options,
      verified,
    })),
  }
}

function failureJson(failure: MailError): Record<string, unknown> {
  const { code, stage, kind, summary, hint, delivered, permanence, reply } = failure
  return { code, stage, kind, summary, hint, delivered, permanence, reply }
}
