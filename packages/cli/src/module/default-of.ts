/**
 * The default export of a module. What CommonJS, a compiler, a function or a promise has put around it is taken off.
 */
export async function defaultOf(exported: Record<string, unknown>): Promise<unknown> {
  let value = exported['default']
  if (typeof value === 'object' && value !== null && '__esModule' in value)
    value = (value as { default?: unknown }).default
  if (typeof value === 'function' && value.length === 0 && !/^class\b/.test(String(value)))
    value = (value as () => unknown)()
  return value
}
