/** Payloads of Resend, in the form that its documentation gives them. @see https://resend.com/docs/webhooks/event-types */
const resendMessage = {
  broadcast_id: '8b146471-e88e-4322-86af-016cd36fd216',
  created_at: '2026-11-22T23:41:11.894719+00:00',
  email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
  message_id: '<111-222-333@mail.shop.example>',
  from: 'Shop <orders@shop.example>',
  to: ['ann@example.com'],
  subject: 'Your order',
  template_id: '43f68331-0622-4e15-8202-246a0388854b',
  tags: { category: 'order', first: 'true' },
}

export function resendEvent(type: string, more: object = {}): object {
  return { type, created_at: '2026-11-22T23:41:12.126Z', data: { ...resendMessage, ...more } }
}

/** A bounce, with the words of Resend for it. */
export function resendBounce(type: string, subType: string, more: object = {}): object {
  const message = "The recipient's server sent back a bounce message."
  return resendEvent('email.bounced', { bounce: { type, subType, message, ...more } })
}

export const resendOthers = [
  'email.sent',
  'email.scheduled',
  'email.received',
  'contact.created',
  'contact.updated',
  'contact.deleted',
  'domain.created',
  'domain.updated',
  'domain.deleted',
  'suppression.added',
  'suppression.removed',
  'inbox.created',
  'inbox.thread.created',
  'inbox.thread.folder.updated',
  'inbox.email.received',
  'inbox.draft.sent',
]
