import { tryMail } from './try-mail.js'

export const dynamic = 'force-dynamic'

export async function GET() {
  try {
    return Response.json({ tried: await tryMail() })
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 })
  }
}
