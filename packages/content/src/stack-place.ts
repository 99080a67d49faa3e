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
  const own = import.meta.dirname
  return placeOfStack(
    framesOf(error),
    (file) => !file.startsWith(own) && !/[\\/]node_modules[\\/]/.test(file),
  )
}

/** The stack behind the message. A message may contain data, and what looks like a place in it must not be opened. */
function framesOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { stack, message = '' } = error as { readonly stack?: unknown; readonly message?: unknown }
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined
  const start = stack.indexOf(message)
  return start < 0 ? undefined : stack.slice(start + message.length)
}

function placeOfStack(stack: string | undefined, isWanted: (file: string) => boolean): Place | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const [, where, row, column] = FRAME.exec(line) ?? []
    if (where === undefined) continue
    const file = where.startsWith('file://') ? pathOf(where) : where
    if (file !== undefined && isWanted(file)) return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}

/** Undefined for a URL that is no path here, such as one with a host. */
function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}
