import type { Contestant, Goal } from './group.ts'

/** `new Mailer({ transport: smtp(...) }).send()`, which is what people call. */
export const LOUDMAIL = 'Loudmail'
/** `smtp(...).send()`, without a Mailer. */
export const ALONE = 'Loudmail, smtp() alone'
export const POOLED = 'nodemailer, pooled'
export const SMTP_SOURCE = 'Postfix smtp-source'

export const loudmail: Contestant = { label: LOUDMAIL, client: 'loudmail' }
export const alone: Contestant = { label: ALONE, client: 'loudmail', variant: 'transport' }
export const pooled: Contestant = { label: POOLED, client: 'nodemailer', variant: 'pooled', isPeer: true }
export const unpooled: Contestant = { label: 'nodemailer, not pooled', client: 'nodemailer', isPeer: true }
export const nestjs: Contestant = { label: '@nestjs-modules/mailer', client: 'nestjs', isPeer: true }
export const upyo: Contestant = { label: '@upyo/smtp, pooled', client: 'upyo', isPeer: true }
export const emailjs: Contestant = { label: 'emailjs', client: 'emailjs', isPeer: true }
export const mended: Contestant = {
  label: 'emailjs, its Nagle stall mended',
  client: 'emailjs',
  variant: 'no delay',
  isPeer: true,
}
export const smtplib: Contestant = { label: 'Python smtplib', client: 'smtplib_client.py', needs: 'python3' }
export const smtpSource: Contestant = { label: SMTP_SOURCE, client: 'smtp_source.py', needs: 'smtp-source' }
export const reconnecting: Contestant = {
  ...smtpSource,
  label: 'Postfix smtp-source, a session a message',
  variant: 'reconnecting',
}
export const windowOf = (window: number, contestant = loudmail): Contestant => ({
  ...contestant,
  label: `${contestant.label}, window ${window}`,
  window,
})

export const rate = (of: string, to: string, atLeast: number): Goal => ({ of, to, metric: 'rate', atLeast })
export const cpu = (of: string, to: string, atMost: number): Goal => ({ of, to, metric: 'cpu', atMost })
export const peak = (of: string, to: string, atMost: number): Goal => ({ of, to, metric: 'peak', atMost })
