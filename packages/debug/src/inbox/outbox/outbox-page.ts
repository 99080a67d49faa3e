import { checkOptions, configError } from '@loudmail/core/transport'
import { pageHandler, type Authorize, type InboxHandler, type PageOptions } from '../page-handler.ts'
import { outboxAnswer } from './outbox-answer.ts'
import type { ShownOutbox } from './shown-outbox.ts'

/** The options of {@link outboxPage}. */
export interface OutboxPageOptions extends PageOptions {
  /**
   * Asked for every request that `hosts` allows: whether whoever sends it may read the addresses, subjects and failures of
   * the outbox, and send mail again. Only `true` lets them. If it throws or rejects, nobody may.
   */
  readonly authorize: Authorize
  /**
   * Shows the content of messages that were not sent yet, too: links for new passwords, for example, also if the outbox
   * encrypts them. @default false
   */
  readonly content?: boolean | undefined
}

/**
 * A page that shows an outbox, as a request handler: what waits, what is in doubt, what is dead and why, live, with buttons
 * to send again, to discard and to settle. It answers only this machine unless `hosts` says otherwise, and only those whom
 * `authorize` lets in.
 *
 * @throws MailError `config/invalid-config`
 */
export function outboxPage(outbox: ShownOutbox, options: OutboxPageOptions): InboxHandler {
  checkOptions(options, 'outboxPage()', { hosts: true, path: true, authorize: true, content: true })
  const { content = false, ...access } = options
  if (typeof content !== 'boolean')
    throw configError('the content option of outboxPage() must be true or false')
  checkOutbox('outboxPage', outbox, access.authorize)
  return pageHandler(
    { page: 'outbox page', factory: 'outboxPage', subject: 'outbox' },
    access,
    (request, response, place) => outboxAnswer(outbox, request, response, place, { pages: [], content }),
  )
}

/** @throws MailError `config/invalid-config` if the page of this outbox would be open to everybody */
export function checkOutbox(
  factory: 'inbox' | 'outboxPage',
  outbox: ShownOutbox,
  authorize: Authorize | undefined,
): void {
  if (typeof (outbox as ShownOutbox | undefined)?.counts !== 'function')
    throw configError(`${factory}() needs an outbox: that of outbox() from @loudmail/outbox`)
  if (authorize === undefined)
    throw configError(
      `${factory}() with an outbox needs authorize: the page shows addresses and can send mail again, so say who may open it, such as authorize: (request) => request.user?.isAdmin === true`,
    )
}
