import transporter from './mail.mjs'

// snippet: helper
export async function sendMail(message) {
  try {
    await transporter.sendMail({ from: 'tea@example.com', ...message })
    return true
  } catch {
    return false
  }
}
// end
