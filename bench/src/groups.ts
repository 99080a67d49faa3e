import { composingAlone } from './composing.ts'
import { costs } from './costs.ts'
import type { Group } from './group.ts'
import { largeMessages } from './large-messages.ts'
import { observing } from './observing.ts'
import { keptMail } from './outbox.ts'
import { secureMessages } from './secure-messages.ts'
import { renderingTemplates } from './templates.ts'
import { smallMessages } from './small-messages.ts'
import { wrappers } from './wrappers.ts'

/** All groups, in the order in which they are run and reported. */
export const groups: readonly Group[] = [
  ...smallMessages,
  ...secureMessages,
  ...largeMessages,
  ...composingAlone,
  ...costs,
  ...observing,
  ...wrappers,
  ...keptMail,
  ...renderingTemplates,
]
