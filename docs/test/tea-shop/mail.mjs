// snippet: settings
import { createTransport } from 'nodemailer'

export default createTransport({
  host: 'localhost',
  port: Number(process.env.MAIL_PORT),
  secure: process.env.MAIL_SECURE !== 'false',
  auth: { user: 'tea@example.com', pass: process.env.MAIL_PASSWORD },
})
// end
