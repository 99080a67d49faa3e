import type { Command } from 'commander'

/** Says what is wrong with a command line, and what to change, from what commander says. */
export function explainUsage(text: string, command: Command): string {
  const said = text.trim().replace(/^error: /, '')
  const [, missing] = /^missing required argument '(.+)'$/.exec(said) ?? []
  if (missing !== undefined) return `<${missing}> is missing: ${usageOf(command)}`
  const [, option] = /^option '(.+)' argument missing$/.exec(said) ?? []
  if (option !== undefined) return `option '${option}' needs a value`
  // What follows an option may be a secret.
  const [, given] = /^unknown option '(-[^=]*)=/.exec(said) ?? []
  if (given !== undefined) return unknown(given, command)
  if (said.startsWith('too many arguments')) return `${said} Put a text with spaces in quotes.`
  return said.replace(/\n\((Did you mean .+)\)$/, '. $1')
}

/** An option that was given as `--name=value`. */
function unknown(name: string, command: Command): string {
  const isKnown = command.options.some(({ long, short }) => long === name || short === name)
  if (isKnown) return `option '${name}' does not take a value`
  // commander compares the name with all options, but without what follows the equals sign.
  let said = `unknown option '${name}'`
  const probe = command
    .createCommand(command.name())
    .exitOverride()
    .configureOutput({
      outputError: (text) => (said = explainUsage(text, command)),
    })
  for (const option of command.createHelp().visibleOptions(command)) probe.addOption(option)
  try {
    probe.parse([name], { from: 'user' })
  } catch {
    // It is unknown, as expected.
  }
  return said
}

/** How the command is called, such as `loudmail doctor [options] <url>`. */
function usageOf(command: Command): string {
  return command.createHelp().commandUsage(command)
}
