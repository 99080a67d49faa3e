/** Events of SendGrid, in the form that its documentation gives them. @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
let count = 0

export function sendgridEvent(event: string, more: object = {}): object {
  count += 1
  return {
    email: 'ann@example.com',
    timestamp: 1_795_000_000,
    'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
    event,
    category: ['order', 'first'],
    sg_event_id: `ZGVsaXZlcmVk${count}`,
    sg_message_id: 'euo2iKxdSayPF4YE4--I7A.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0',
    order: '1001',
    unique_args: { shop: 'north' },
    ip: '192.0.2.1',
    tls: 1,
    ...more,
  }
}
