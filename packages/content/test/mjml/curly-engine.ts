import { TemplateProblem, type TemplateEngine } from '../../src/index.ts'

/** A small engine: `{{name}}` is a value, and what stands between `{{#name}}` and `{{/name}}` is for each of a list. */
export const curly: TemplateEngine = {
  name: 'curly',
  extensions: ['.curly'],
  compile({ text, part }) {
    const open = text.match(/{{#/g)?.length ?? 0
    if (open !== (text.match(/{{\//g)?.length ?? 0))
      throw new TemplateProblem('a block is not closed', { line: 1 })
    return {
      render: (data) => fill(text, data as Record<string, unknown>, part === 'html', text),
      files: () => [],
    }
  },
}

function fill(text: string, data: Record<string, unknown>, isHtml: boolean, whole: string): string {
  const blocks = text.replaceAll(/{{ ?#(\w+) ?}}([^]*?){{ ?\/\1 ?}}/g, (_, name: string, inner: string) =>
    (data[name] as object[]).map((item) => fill(inner, { ...data, ...item }, isHtml, whole)).join(''),
  )
  return blocks.replaceAll(/{{ ?(\w+) ?}}/g, (tag, name: string) => {
    const value = data[name] as string | undefined
    if (value === undefined) {
      const before = whole.slice(0, whole.indexOf(tag)).split('\n')
      throw new TemplateProblem(`${name} is not in the data`, {
        line: before.length,
        column: before.at(-1)!.length + 1,
      })
    }
    return isHtml ? value.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`) : value
  })
}
