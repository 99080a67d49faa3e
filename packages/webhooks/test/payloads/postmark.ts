/** Payloads of Postmark, in the form that its documentation gives them. @see https://postmarkapp.com/developer/webhooks */
const message = {
  MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
  MessageStream: 'outbound',
  ServerID: 23,
  Tag: 'welcome',
  Metadata: { order: '1001', count: 3 },
}

export const postmarkDelivery = {
  RecordType: 'Delivery',
  ...message,
  Recipient: 'ann@example.com',
  DeliveredAt: '2026-11-05T16:33:54.9070259Z',
  Details: '250 2.0.0 OK',
}

export function postmarkBounce(Type: string, TypeCode: number, Details: string, more: object = {}): object {
  return {
    RecordType: 'Bounce',
    ...message,
    ID: 692_560_000_000 + TypeCode,
    Type,
    TypeCode,
    Name: Type,
    Description: 'What Postmark makes of it.',
    Details,
    Email: 'ann@example.com',
    From: 'orders@shop.example',
    BouncedAt: '2026-11-05T16:33:54.9070259Z',
    DumpAvailable: true,
    Inactive: true,
    CanActivate: true,
    Subject: 'Your order',
    ...more,
  }
}

export const postmarkComplaint = {
  ...postmarkBounce('SpamComplaint', 100_001, 'The recipient complained.'),
  RecordType: 'SpamComplaint',
}

export const postmarkOpen = {
  RecordType: 'Open',
  ...message,
  Recipient: 'ann@example.com',
  ReceivedAt: '2026-11-05T16:33:54.9070259Z',
  FirstOpen: true,
  Client: { Name: 'Chrome', Company: 'Google', Family: 'Chrome' },
  OS: { Name: 'OS X', Company: 'Apple', Family: 'OS X' },
  Platform: 'Desktop',
  UserAgent: 'Mozilla/5.0',
  Geo: { IP: '192.0.2.1' },
}

export const postmarkClick = {
  ...postmarkOpen,
  RecordType: 'Click',
  ClickLocation: 'HTML',
  OriginalLink: 'https://shop.example/sale',
}

export function postmarkChange(SuppressSending: boolean, SuppressionReason: string | null): object {
  return {
    RecordType: 'SubscriptionChange',
    ...message,
    Recipient: 'ann@example.com',
    ChangedAt: '2026-11-01T10:53:34.416071Z',
    Origin: 'Recipient',
    SuppressSending,
    SuppressionReason,
  }
}
