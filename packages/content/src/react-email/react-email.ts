import { checkOptions } from '@loudmail/core/transport'
import type { CompiledPart, TemplateCode, TemplateEngine, TemplateSource } from '../engine.ts'
import { plainEngine } from '../plain-engine.ts'
import { TemplateProblem } from '../template-problem.ts'
import { importModule } from './import-module.ts'
import { renderComponent } from './render-component.ts'

/** The options of {@link reactEmail}. */
export interface ReactEmailOptions {
  /** Lays the HTML out for people to read. It loads Prettier, which is slow. @default false */
  readonly pretty?: boolean | undefined
}

/**
 * React Email as a template engine: a component, with the data as its props. If the component is a function, its second
 * argument has the locale. A file of a folder exports the component as its default, and may export a `subject`: a text, or a
 * function from the data to one.
 *
 * In development, a file that has changed is imported again, under another URL. The files that it imports itself stay as they
 * were, and all versions stay in memory until the program ends.
 *
 * @throws MailError `config/invalid-config`
 */
export function reactEmail(options: ReactEmailOptions = {}): TemplateEngine {
  checkOptions(options, 'reactEmail()', { pretty: true })
  const { pretty = false } = options
  const ofComponent = (component: TemplateCode): CompiledPart => ({
    render: async (data, context) => renderComponent(component, data, context, pretty),
    files: () => [],
  })
  return {
    name: 'react-email',
    extensions: ['.tsx', '.jsx', '.js', '.mjs'],
    takesCode: true,
    takesComponents: true,
    async compile(source) {
      if (source.code) return ofComponent(source.code)
      // A text in a program has the line of the program.
      if (source.line !== undefined) {
        if (source.part === 'html')
          throw new TemplateProblem('html is a text, but reactEmail() takes a component')
        return plainEngine.compile(source)
      }
      const { default: code, subject } = await importModule(source.file)
      if (!isComponent(code))
        throw new TemplateProblem('the file has no component as its default export', { file: source.file })
      if (source.part !== 'html') return plainEngine.compile({ ...source, code })
      return { ...ofComponent(code), subject: await subjectOf(subject, source) }
    },
  }
}

/** A function, or an object as memo() returns. */
function isComponent(value: unknown): value is TemplateCode {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && '$$typeof' in value)
}

async function subjectOf(subject: unknown, source: TemplateSource): Promise<CompiledPart['subject']> {
  if (subject === undefined) return undefined
  if (typeof subject !== 'function' && typeof subject !== 'string')
    throw new TemplateProblem('subject must be a text or a function', { file: source.file })
  const made = await plainEngine.compile(
    typeof subject === 'function'
      ? { ...source, part: 'subject', code: subject as TemplateCode }
      : { ...source, part: 'subject', text: subject },
  )
  return (data, context) => made.render(data, context)
}
