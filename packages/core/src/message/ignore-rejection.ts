/** A promise of content that nobody may wait for must not end the process when it rejects. Never throws. */
export function ignoreRejection(input: unknown): void {
  try {
    const { template } = input as { readonly template?: unknown }
    if (template instanceof Promise) template.catch(() => {})
  } catch {
    // What cannot be read fails again when it is used.
  }
}
