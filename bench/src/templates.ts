import type { Contestant, Group } from './group.ts'

const contestant = (label: string, variant: string): Contestant => ({ label, client: 'content', variant })

/** An engine alone, beside the same engine through `@loudmail/content`. */
function group(id: string, title: string, engine: string, more: readonly Contestant[] = []): Group {
  return {
    id: `content-${id}`,
    suite: 'content',
    title: `Rendering an order of 40 lines: ${title}`,
    mode: 'compose',
    connections: 1,
    work: '1 KiB',
    seconds: 0.5,
    contestants: [
      contestant(`${engine} alone`, `${id} alone`),
      contestant(`${engine} by @loudmail/content, no CSS inlined, no text`, `${id} bare`),
      contestant('the same, with CSS inlined and a text part', `${id} whole`),
      ...more,
    ],
    goals: [],
  }
}

/** What templates cost. */
export const renderingTemplates: readonly Group[] = [
  group('function', 'a function', 'The function'),
  group('handlebars', 'Handlebars', 'Handlebars', [
    contestant('the same, sent by a Mailer to memory()', 'handlebars sent'),
    contestant('Handlebars, juice and html-to-text by hand', 'handlebars by hand'),
    contestant('HandlebarsAdapter of @nestjs-modules/mailer: CSS inlined, no text', 'handlebars nestjs'),
  ]),
  group('eta', 'Eta', 'Eta'),
  group('mjml', 'MJML with Handlebars', 'MJML'),
  group('react', 'React Email', 'React Email'),
]
