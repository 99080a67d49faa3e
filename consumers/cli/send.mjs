import { createTransport } from 'nodemailer'

const transporter = createTransport({ host: '127.0.0.1', port: Number(process.env.MAIL_PORT) })
await transporter.sendMail({
  from: 'ann@example.com',
  to: 'bob@example.com',
  subject: 'From nodemailer',
  text: 'Hi',
})
