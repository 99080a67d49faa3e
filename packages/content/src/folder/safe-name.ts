/** Names that are devices on Windows, in any folder and with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i

/**
 * What is wrong with the name of a file in a folder; undefined if nothing is. The parts of a name are divided by `/`, and no
 * name leads out of the folder, on any system.
 */
export function problemOfName(name: string): string | undefined {
  const shown = JSON.stringify(name.slice(0, 100))
  if (name === '') return 'a template needs a name'
  if (name.includes('\\')) return `the name ${shown} must have / between folders`
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name))
    return `the name ${shown} must be a path in the folder of the templates, without / in front`
  const parts = name.split('/')
  if (parts.some((part) => part === '.' || part === '..'))
    return `the name ${shown} must not have . or ..: names start at the folder of the templates`
  // Windows drops dots and spaces at the end of a name, and takes what follows a colon for a stream of the file.
  // oxlint-disable-next-line no-control-regex
  if (parts.some((part) => part === '' || DEVICE.test(part) || /[\u0000-\u001f:*?"<>|]|[. ]$/.test(part)))
    return `the name ${shown} cannot be the name of a file on every system`
  return undefined
}
