import { cpu } from './contestants.ts'
import type { Contestant, Goal, Group } from './group.ts'

const contestant = (label: string, variant: string): Contestant => ({ label, client: 'content', variant })
const UNFINISHED = '@loudmail/content, nothing completed'
const WHOLE = '@loudmail/content, CSS inlined and a text part'
const INLINED = '@loudmail/content, CSS inlined'
const BY_HAND = 'Handlebars, juice and html-to-text by hand'
const NESTJS = 'HandlebarsAdapter of @nestjs-modules/mailer, CSS inlined'

/** An engine alone, beside the same engine through `@loudmail/content`. */
function group(
  id: string,
  title: string,
  variant: string,
  engine: string,
  more: readonly Contestant[] = [],
  goals: readonly Goal[] = [],
): Group {
  return {
    id: `content-${id}`,
    suite: 'content',
    title: `Rendering an order of 40 lines: ${title}`,
    mode: 'compose',
    connections: 1,
    work: '1 KiB',
    seconds: 0.5,
    contestants: [
      contestant(engine, `${variant} alone`),
      contestant(UNFINISHED, `${variant} bare`),
      contestant(WHOLE, `${variant} whole`),
      ...more,
    ],
    goals,
  }
}

/** What templates cost. A message is a mail that is rendered. */
export const renderingTemplates: readonly Group[] = [
  group(
    'handlebars',
    'Handlebars',
    'handlebars',
    'Handlebars alone',
    [
      contestant('the same, a folder with render()', 'handlebars folder'),
      contestant('the same, HTML that no two mails share', 'handlebars unlike'),
      contestant('the same, sent by a Mailer to memory()', 'handlebars sent'),
      contestant(INLINED, 'handlebars inlined'),
      { ...contestant(BY_HAND, 'handlebars by hand'), isPeer: true },
      { ...contestant(NESTJS, 'handlebars nestjs'), isPeer: true },
    ],
    [
      cpu(WHOLE, BY_HAND, 0.5),
      cpu('the same, HTML that no two mails share', BY_HAND, 1),
      cpu(INLINED, NESTJS, 1),
    ],
  ),
  group('eta', 'Eta', 'eta', 'Eta alone'),
  group(
    'mjml',
    'Handlebars, then MJML',
    'mjml',
    'Handlebars and MJML alone',
    [],
    [cpu(UNFINISHED, 'Handlebars and MJML alone', 1.5)],
  ),
  group('mjml-once', 'MJML once, then Handlebars', 'mjml once', 'Handlebars alone, on the HTML of MJML'),
  group(
    'react',
    'React Email',
    'react',
    'React Email alone',
    [],
    [cpu(UNFINISHED, 'React Email alone', 1.5)],
  ),
  group('function', 'a function', 'function', 'The function alone'),
]
