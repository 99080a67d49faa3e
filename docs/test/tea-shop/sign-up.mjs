import { sendMail } from './send-mail.mjs'

const isSent = await sendMail({ to: 'ann@example.com', subject: 'Welcome', text: 'Your tea is ready.' })
console.log(isSent ? 'A mail is on its way.' : 'Could not send the mail.')
