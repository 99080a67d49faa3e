/** Events of Brevo, in the form that its documentation gives them. @see https://developers.brevo.com/docs/transactional-webhooks */
export function brevoEvent(event: string, more: object = {}): object {
  return {
    event,
    email: 'ann@example.com',
    id: 26_224,
    date: '2026-11-18 10:00:00',
    ts: 1_794_992_400,
    'message-id': '<202611180900.12345678901@smtp-relay.mailin.fr>',
    ts_event: 1_795_000_000,
    ts_epoch: 1_794_999_000_000,
    subject: 'Your order',
    'X-Mailin-custom': '{"order":"1001"}',
    sending_ip: '192.0.2.1',
    template_id: 22,
    tags: ['order', 'first'],
    tag: '["order"]',
    contact_id: 8,
    ...more,
  }
}
