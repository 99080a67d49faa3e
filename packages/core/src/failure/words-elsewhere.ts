/** What to write here instead; a function if that depends on the value. */
type Word = string | ((value: unknown) => string)

const ALWAYS_POOLED = 'connections are always pooled: write `pool: { connections, messagesPerConnection }`'
const OWN_TRANSCRIPT =
  'every receipt and every error has a transcript, which `formatTranscript()` of @loudmail/core prints: leave it out'
const TOKENS = 'write `auth: { user, accessToken }`; @loudmail/oauth2 has functions that fetch access tokens'
const IN_SMTP = 'it is an option of a transport: write `transport: smtp({ … })` with `smtp` of @loudmail/smtp'
const IN_TEMPLATE =
  'pass the data to a template function, `template: welcome({ … })`, as @loudmail/content makes them. For a nodemailer plugin: `transportData: { … }`'
const BESIDE_TEMPLATE = 'set it in the message, beside `template`'
const IN_ITS_DATA = 'if the transport needs it, pass it in `transportData`'

const SERVICES: Readonly<Record<string, string>> = {
  '163': 'smtp.163.com',
  aol: 'smtp.aol.com',
  brevo: 'smtp-relay.brevo.com',
  fastmail: 'smtp.fastmail.com',
  gmail: 'smtp.gmail.com',
  gmx: 'mail.gmx.com',
  hotmail: 'smtp-mail.outlook.com',
  icloud: 'smtp.mail.me.com',
  mailgun: 'smtp.mailgun.org',
  mailjet: 'in-v3.mailjet.com',
  office365: 'smtp.office365.com',
  outlook: 'smtp-mail.outlook.com',
  outlook365: 'smtp.office365.com',
  postmark: 'smtp.postmarkapp.com',
  qq: 'smtp.qq.com',
  sendgrid: 'smtp.sendgrid.net',
  sendinblue: 'smtp-relay.brevo.com',
  ses: 'email-smtp.us-east-1.amazonaws.com',
  yahoo: 'smtp.mail.yahoo.com',
  yandex: 'smtp.yandex.com',
  zoho: 'smtp.zoho.com',
}

function service(value: unknown): string {
  const name = typeof value === 'string' ? value.toLowerCase().replaceAll(/[^a-z\d]/g, '') : ''
  const host = Object.hasOwn(SERVICES, name) ? SERVICES[name] : 'smtp.example.com'
  return `write the server's name: \`host: '${host}'\``
}

function secure(value: unknown): string {
  return value === false
    ? "leave it out: STARTTLS is required unless the host is this machine (`tls: 'none'` sends unencrypted)"
    : "write `tls: 'implicit'`, which is the default on port 465"
}

/**
 * Names from nodemailer and other mailers, by the owner that does not have them. Each says which word to use here.
 * Add a line for a name that people bring with them. A function, so that the table is made only when a name is wrong.
 */
export const wordsElsewhere = (): Readonly<Record<string, Readonly<Record<string, Word>>>> => ({
  'smtp()': {
    secure,
    secureConnection: secure,
    ssl: secure,
    requireTLS: "write `tls: 'starttls'`, which is the default",
    ignoreTLS: "write `tls: 'none'`",
    opportunisticTLS: "write `tls: 'opportunistic'`",
    service,
    server: 'write `host`',
    hostname: 'write `host`',
    url: 'write `transport: transportFromUrl(url, smtpSchemes)`, with `transportFromUrl` of @loudmail/core',
    user: 'write `auth: { user, pass }`',
    username: 'write `auth: { user, pass }`',
    pass: 'write `auth: { user, pass }`',
    password: 'write `auth: { user, pass }`',
    authMethod: 'write `auth: { user, pass, method }`',
    maxConnections: 'write `pool: { connections }`',
    maxMessages: 'write `pool: { messagesPerConnection }`',
    maxRequeues:
      'a message moves to a fresh connection by itself, once and only if that is safe: leave it out',
    rateDelta: 'leave it out, and send no faster than the server allows',
    rateLimit: 'leave it out, and send no faster than the server allows',
    connectionTimeout: 'write `timeouts: { connect }`, or `timeoutMs` for every stage',
    greetingTimeout: 'write `timeouts: { greeting }`, or `timeoutMs` for every stage',
    socketTimeout: 'write `timeoutMs`, one time-out for every stage',
    dnsTimeout: 'write `timeouts: { dns }`, or `timeoutMs` for every stage',
    timeout: 'write `timeoutMs`',
    logger: OWN_TRANSCRIPT,
    debug: OWN_TRANSCRIPT,
    transactionLog: OWN_TRANSCRIPT,
    helo: 'write `name`',
    localHostname: 'write `name`',
    servername: 'write `tlsOptions: { servername }`',
    rejectUnauthorized: 'write `tlsOptions: { rejectUnauthorized }`',
    disableFileAccess: 'files are read only from `attachments: [{ path }]`: leave it out',
    disableUrlAccess: 'no URL is ever fetched: leave it out',
    from: 'write `defaults: { from }` in the options of the Mailer',
    defaults: 'write `defaults` in the options of the Mailer',
  },
  'smtp() auth': {
    username: 'write `user`',
    login: 'write `user`',
    password: 'write `pass`',
    type: TOKENS,
    credentials: 'write `user` and `pass`',
    clientId: TOKENS,
    clientSecret: TOKENS,
    refreshToken: TOKENS,
    serviceClient: TOKENS,
    privateKey: TOKENS,
    accessUrl: TOKENS,
    expires: TOKENS,
    token: 'write `accessToken`',
  },
  'smtp() pool': {
    maxConnections: ALWAYS_POOLED,
    maxMessages: ALWAYS_POOLED,
    max: 'write `connections`',
    size: 'write `connections`',
  },
  dkimSigner: {
    domainName: 'write `domain`',
    keySelector: 'write `selector`',
    headerFieldNames: 'write `headers`, a list of names',
  },
  Mailer: {
    host: IN_SMTP,
    port: IN_SMTP,
    auth: IN_SMTP,
    secure: IN_SMTP,
    service: IN_SMTP,
    url: 'write `transport: transportFromUrl(url, smtpSchemes)`, with `smtpSchemes` of @loudmail/smtp',
    from: 'write `defaults: { from }`',
    silent: "write `failure: 'silent'`",
    failSilently: "write `failure: 'silent'`",
    timeout: 'write `deadlineMs`',
    logger: 'write `observe`, a function that is called with every outcome',
    debug: 'use `debug()` of @loudmail/debug as the transport',
    retry: 'wrap the transport: `retry(smtp({ … }))`',
  },
  'the message': {
    body: 'write `text` or `html`',
    content: 'write `text` or `html`',
    message: 'write `text` or `html`',
    plain: 'write `text`',
    recipient: 'write `to`',
    recipients: 'write `to`, `cc` and `bcc`',
    title: 'write `subject`',
    attachment: 'write `attachments`, a list',
    files: 'write `attachments`',
    icalEvent: 'write `calendar: { method, content }`',
    alternatives: 'write `text`, `html` or `calendar`',
    amp: 'write `raw` for a message with parts that have no field here',
    list: 'write `listUnsubscribe: { url, mailto }`; other fields of a list go into `headers`, such as `headers: { "List-Id": "<tea.example.com>" }`',
    unsubscribe: 'write `listUnsubscribe: { url, mailto }`',
    priority: 'write `headers: { Importance: "high" }`',
    encoding: 'leave it out: every text is sent as UTF-8',
    textEncoding: 'leave it out: the encoding is chosen by the content',
    charset: 'leave it out: every text is sent as UTF-8',
    attachDataUrls: 'write each image in `attachments` with a `contentId`',
    watchHtml: 'write `html`',
    dkim: 'write `dkim` in the options of the transport',
    auth: 'write `auth` in the options of the transport',
    returnPath: 'write `envelope: { from }`',
    return_path: 'write `envelope: { from }`',
    context: IN_TEMPLATE,
    react: 'make a template of the component with @loudmail/content: `template: welcome({ … })`',
    templateId: IN_ITS_DATA,
    template_id: IN_ITS_DATA,
    dynamicTemplateData: IN_ITS_DATA,
    personalizations: 'send one message for each; what the transport needs goes into `transportData`',
    tags: IN_ITS_DATA,
    categories: IN_ITS_DATA,
    metadata: IN_ITS_DATA,
    sendAt: IN_ITS_DATA,
    scheduledAt: IN_ITS_DATA,
    trackingSettings: IN_ITS_DATA,
  },
  'what the template returns': {
    body: 'write `text` or `html`',
    content: 'write `text` or `html`',
    message: 'write `text` or `html`',
    plain: 'write `text`',
    title: 'write `subject`',
    attachment: 'write `attachments`, a list',
    from: BESIDE_TEMPLATE,
    to: BESIDE_TEMPLATE,
    cc: BESIDE_TEMPLATE,
    bcc: BESIDE_TEMPLATE,
    replyTo: BESIDE_TEMPLATE,
    calendar: BESIDE_TEMPLATE,
    template: 'return what that template returns',
  },
  attachments: {
    cid: 'write `contentId`',
    content_id: 'write `contentId`',
    href: 'fetch it and pass what you read as `content`: no URL is ever fetched here',
    url: 'fetch it and pass what you read as `content`: no URL is ever fetched here',
    raw: 'write `content` and `contentType`',
    type: 'write `contentType`',
    mimeType: 'write `contentType`',
    mimetype: 'write `contentType`',
    content_type: 'write `contentType`',
    name: 'write `filename`',
    data: 'write `content`',
    contentDisposition: 'write `disposition`',
    inline: "write `disposition: 'inline'`, or `contentId` for an image in `html`",
    contentTransferEncoding: 'leave it out: the encoding is chosen by the content',
  },
  calendar: {
    ics: 'write `content`',
    filename: 'leave it out: mail programs show an invitation and not a file',
  },
  listUnsubscribe: {
    href: 'write `url`',
    link: 'write `url`',
    email: 'write `mailto`, and in `address` whom the link unsubscribes',
    comment: 'leave it out: no mail program shows it',
    list: 'make the link with `UnsubscribeLinks` of @loudmail/content/unsubscribe: `links.link({ address, list })`',
  },
  dsn: {
    return: 'write `ret`',
    id: 'write `envelopeId`',
    envid: 'write `envelopeId`',
    recipient: 'leave it out: the original recipient is the one of the envelope',
  },
  envelope: {
    use: 'leave it out',
    sender: 'write `from`',
    mailFrom: 'write `from`',
    rcptTo: 'write `to`',
    recipients: 'write `to`',
    cc: 'write all recipients in `to`',
    bcc: 'write all recipients in `to`',
  },
})
