import { createTransport, type TransportOptions } from 'nodemailer'

// Node strips the types.
const options = {
  host: '127.0.0.1',
  port: Number(process.env.MAIL_PORT),
  auth: { user: 'ann', pass: process.env.MAIL_PASSWORD },
} as TransportOptions

export default createTransport(options)
