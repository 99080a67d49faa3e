// snippet: settings
import nodemailer from 'nodemailer'

export default nodemailer.createTransport({
  host: 'localhost',
  port: Number(process.env.MAIL_PORT),
  secure: true,
  auth: { user: 'tea@example.com', pass: process.env.MAIL_PASSWORD },
})
// end
