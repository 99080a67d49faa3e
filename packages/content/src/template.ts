import { configError } from '@loudmail/core/transport'
import type { RenderContext } from './engine.ts'
import type { Template } from './filled-template.ts'
import type { FinishOptions } from './finish-options.ts'
import { callerPlace } from './stack-place.ts'
import { templateOfFunction, type MadeContent } from './template-of-function.ts'
import { templateOfParts, type TemplateOptions } from './template-of-parts.ts'

/**
 * Makes a template: of sources for an engine, or of a function that returns subject, HTML and text.
 *
 * @returns a function from data to what `template` of a message takes
 * @throws MailError `config/invalid-config`
 */
export function template<Data>(
  make: (data: Data, context: RenderContext) => MadeContent | Promise<MadeContent>,
  options?: FinishOptions,
): Template<Data>
export function template<Data>(options: TemplateOptions<Data>): Template<Data>
export function template<Data>(
  source:
    | TemplateOptions<Data>
    | ((data: Data, context: RenderContext) => MadeContent | Promise<MadeContent>),
  options: FinishOptions = {},
): Template<Data> {
  const place = callerPlace(template) ?? { file: 'unknown', line: 1, column: 1 }
  if (typeof source === 'function') return templateOfFunction(source, options, place)
  if (typeof source === 'object' && source !== null) return templateOfParts(source, place)
  throw configError(
    'template() needs a function that returns { subject, html, text }, or an object with html, text or subject',
  )
}
