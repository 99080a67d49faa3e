/** The message that events of SES are about, as their documentation describes it. */
export const MAIL = {
  timestamp: '2026-11-27T10:00:00.000Z',
  messageId: '0100019abc-6f2e-000000',
  source: 'Shop <shop@example.net>',
  sendingAccountId: '123456789012',
  destination: ['ann@example.com'],
  headersTruncated: false,
  headers: [
    { name: 'From', value: 'Shop <shop@example.net>' },
    { name: 'Message-ID', value: '<order-7@example.net>' },
  ],
  commonHeaders: {
    from: ['Shop <shop@example.net>'],
    to: ['ann@example.com'],
    messageId: '<order-7@example.net>',
  },
  tags: {
    'ses:configuration-set': ['shop'],
    'ses:source-ip': ['192.0.2.1'],
    welcome: ['true'],
    order: ['7'],
  },
}

type Changes = Readonly<Record<string, unknown>>

/** An event of a configuration set. */
export function sesEvent(eventType: string, place: string, facts: Changes, mail: Changes = {}): Changes {
  return { eventType, mail: { ...MAIL, ...mail }, [place]: facts }
}

export function sesBounce(
  bounceType: string,
  bounceSubType: string,
  person: Changes = {},
  mail?: Changes,
): Changes {
  return sesEvent(
    'Bounce',
    'bounce',
    {
      feedbackId: '0100019abd-bounce-000000',
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress: 'ann@example.com', ...person }],
      timestamp: '2026-11-27T10:05:00.000Z',
      reportingMTA: 'dns; a1-2.smtp-out.eu-west-1.amazonses.com',
    },
    mail,
  )
}

export function sesComplaint(facts: Changes = {}, mail?: Changes): Changes {
  return sesEvent(
    'Complaint',
    'complaint',
    {
      feedbackId: '0100019abe-complaint-000000',
      complaintSubType: null,
      complainedRecipients: [{ emailAddress: 'ann@example.com' }],
      timestamp: '2026-11-27T10:05:00.000Z',
      userAgent: 'Some-FBL/1.0',
      complaintFeedbackType: 'abuse',
      ...facts,
    },
    mail,
  )
}

export const sesDelivery = sesEvent('Delivery', 'delivery', {
  timestamp: '2026-11-27T10:05:00.000Z',
  processingTimeMillis: 546,
  recipients: ['ann@example.com'],
  smtpResponse: '250 2.6.0 Message received',
  reportingMTA: 'a8-70.smtp-out.amazonses.com',
})

export function sesDelay(delayType: string, person: Changes = {}): Changes {
  return sesEvent('DeliveryDelay', 'deliveryDelay', {
    timestamp: '2026-11-27T10:05:00.000Z',
    delayType,
    expirationTime: '2026-11-28T00:00:00.000Z',
    delayedRecipients: [{ emailAddress: 'ann@example.com', ...person }],
  })
}

export function sesSubscription(before: Changes, now: Changes): Changes {
  return sesEvent('Subscription', 'subscription', {
    contactList: 'customers',
    timestamp: '2026-11-27T10:05:00.000Z',
    source: 'UnsubscribeHeader',
    newTopicPreferences: now,
    oldTopicPreferences: before,
  })
}
