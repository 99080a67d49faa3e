import type { XOAuth2ProvisionCallback } from 'nodemailer/lib/xoauth2'

/** nodemailer keeps a token until then, or until it is refused. This is in the past: whoever gave it keeps it better. */
const EXPIRES = 1

/**
 * For `auth: { type: 'OAuth2', user, provisionCallback }` of nodemailer: access tokens from a function, such as those of
 * `@loudmail/oauth2`. It is asked for each connection, and with `renew` after a refusal.
 */
export function provisionCallback(
  accessToken: (ask: { readonly renew: boolean }) => Promise<string>,
): XOAuth2ProvisionCallback {
  return (_user, renew, done) => {
    const fetching = (async () => accessToken({ renew }))()
    fetching.then(
      (token) => done(null, token, EXPIRES),
      // nodemailer writes into the error that it gets. Not every error can be changed, and a MailError cannot.
      (cause: unknown) => done(new Error('the access token could not be fetched', { cause })),
    )
  }
}
