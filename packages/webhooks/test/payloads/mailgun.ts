/** Events of Mailgun, in the form that its documentation gives them. @see https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads */
let count = 0

export function mailgunEvent(event: string, more: object = {}): object {
  count += 1
  return {
    account: { id: '1234567890303a4bd1f33898' },
    domain: { name: 'mail.shop.example' },
    event,
    id: `CCXMjJ7nQi2N3BPigGOdgQ${count}`,
    timestamp: 1_795_000_000.5,
    recipient: 'ann@example.com',
    'recipient-domain': 'example.com',
    'log-level': 'info',
    message: {
      headers: {
        to: 'Ann <ann@example.com>',
        from: 'Shop <orders@mail.shop.example>',
        subject: 'Your order',
        'message-id': '20260203192638.000be97f99f8cea1@mail.shop.example',
      },
      size: 341,
    },
    tags: ['order', 'first'],
    'user-variables': { order: '1001', nested: { a: 1 } },
    ...more,
  }
}

export function mailgunFailure(severity: string, reason: string, status: object = {}): object {
  return mailgunEvent('failed', {
    'log-level': 'error',
    severity,
    reason,
    'delivery-status': { 'attempt-no': 1, message: '', description: '', 'session-seconds': 0.1, ...status },
  })
}
