import { fileURLToPath } from 'node:url'

/** A place in a program. */
export interface Place {
  /** The absolute path of the file. */
  readonly file: string
  /** The first line is 1. */
  readonly line: number
  /** The first character is 1. */
  readonly column: number
}

const FRAME = /(?:^|[\s(])((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/

/** Where a function was called, in the code of its caller. */
export function callerPlace(called: (...args: never[]) => unknown): Place | undefined {
  const holder: { stack?: string } = {}
  // It is a part of V8 and of JavaScriptCore.
  Error.captureStackTrace?.(holder, called)
  return placeOfStack(holder.stack, () => true)
}

/** The first place of a stack that is in a program itself, and not in one of its packages. */
export function placeOfError(error: unknown): Place | undefined {
  const { stack } = (typeof error === 'object' && error !== null ? error : {}) as { stack?: unknown }
  const own = import.meta.dirname
  return placeOfStack(stack, (file) => !file.startsWith(own) && !/[\\/]node_modules[\\/]/.test(file))
}

function placeOfStack(stack: unknown, isWanted: (file: string) => boolean): Place | undefined {
  if (typeof stack !== 'string') return undefined
  for (const line of stack.split('\n')) {
    const [, where, row, column] = FRAME.exec(line) ?? []
    if (where === undefined) continue
    const file = where.startsWith('file://') ? fileURLToPath(where) : where
    if (isWanted(file)) return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}
