import type { MailError } from '@loudmail/core'
import type { Part } from '../part.ts'

/**
 * Compiles parts.
 *
 * A partial or layout need not be whole: it may need what only a template that includes it defines. So a part that fails on
 * its own is fine if another one includes its file and does not fail.
 *
 * @throws MailError `compose/template`, for one of them
 */
export async function compileAll(parts: readonly Part[]): Promise<void> {
  const included = new Set<string>()
  const failures: { readonly file: string; readonly error: MailError }[] = []
  for (const part of parts) {
    const { file } = part.source
    try {
      await part.compile()
      for (const other of part.files) if (other !== file) included.add(other)
    } catch (error) {
      failures.push({ file, error: error as MailError })
    }
  }
  // Partials are in folders. What is wrong with a template that includes one says more than what the partial lacks.
  const [worst] = failures
    .filter(({ file }) => !included.has(file))
    .toSorted((one, other) => depthOf(one.file) - depthOf(other.file))
  if (worst) throw worst.error
}

function depthOf(file: string): number {
  return file.split(/[\\/]/).length
}
