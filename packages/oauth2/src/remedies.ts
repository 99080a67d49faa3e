/** What to do about an error of a token server, one line for each code. The first that matches counts. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  // Microsoft: AADSTS codes, learn.microsoft.com/entra/identity-platform/reference-error-codes
  [
    /AADSTS(?:700016|700011|70001)\b/,
    'Check clientId (the Application ID of the app registration) and tenant: this tenant does not know the app.',
  ],
  [
    /AADSTS7000215\b/,
    "The client secret is wrong. Often the secret's ID was copied: use its Value, which the portal shows only once. If it is lost, create a new secret.",
  ],
  [
    /AADSTS7000222\b/,
    'The client secret has expired. Create a new one under "Certificates & secrets" of the app registration, and replace clientSecret.',
  ],
  [
    /AADSTS(?:90002|900023|90038)\b/,
    'Check tenant: it must be the Directory (tenant) ID or a verified domain. For a national cloud, set authority too.',
  ],
  [
    /AADSTS(?:50194|50059|9001023|90019)\b/,
    'Set tenant to the ID of your own directory: this app cannot use "common" or "organizations".',
  ],
  [
    /AADSTS(?:65001|65004|90094|90008)\b/,
    'Nobody has consented for this app. Choose "Grant admin consent" under "API permissions" of the app registration, or have the user sign in again.',
  ],
  [
    /AADSTS(?:65005|650056|650057)\b/,
    'The app registration lacks the permission. Under "API permissions", add SMTP.SendAsApp of "Office 365 Exchange Online" (with a refresh token: SMTP.Send of "Microsoft Graph"; for microsoftGraph(): Mail.Send of "Microsoft Graph"), and grant admin consent.',
  ],
  [
    /AADSTS(?:50076|50079|50072|50074|50078)\b/,
    'The account needs multifactor authentication, which a program cannot do. Use client credentials (clientSecret or certificate), or have the user sign in again for a new refresh token.',
  ],
  [
    /AADSTS(?:700082|70008|700084|70043|50089)\b/,
    'The refresh token has expired. Have the user sign in again, store the new one, and store each later one with onRefreshToken. Client credentials do not expire like this.',
  ],
  [
    /AADSTS(?:50173|50132|50133)\b/,
    'The refresh token was revoked, for example because the password changed. Have the user sign in again.',
  ],
  [
    /AADSTS(?:53000|53001|53002|53003|530003|530032|530034|530035|50005|50131)\b/,
    'A Conditional Access policy blocks this sign-in. An administrator finds the policy in the sign-in logs of Entra, and can exclude this account or app.',
  ],
  [
    /AADSTS(?:70011|1002012|500011|50001|28002|700022|700023)\b/,
    'Check scope. With client credentials it is https://outlook.office365.com/.default; with a refresh token, https://outlook.office.com/SMTP.Send offline_access. For microsoftGraph() they are https://graph.microsoft.com/.default and https://graph.microsoft.com/Mail.Send offline_access.',
  ],
  [
    /AADSTS(?:7000218|7000216)\b/,
    'The app is a confidential client: give clientSecret or certificate together with refreshToken.',
  ],
  [/AADSTS700025\b/, 'The app is a public client: leave out clientSecret and certificate.'],
  [
    /AADSTS(?:700027|7000272|50012|50003)\b/,
    'Microsoft does not know the certificate. Upload the same one under "Certificates & secrets" of the app registration, and check that it has not expired.',
  ],
  [
    /AADSTS(?:700024|500133)\b/,
    'Check the clock of this machine: the signed request seems to be too old or from the future.',
  ],
  [
    /AADSTS(?:7000112|50057)\b/,
    'The app or the account is disabled. An administrator can enable it in Entra.',
  ],
  [
    /AADSTS(?:50034|50020|50014)\b/,
    'This tenant does not know the account. Check tenant, and whose refresh token it is.',
  ],
  [
    /AADSTS50055\b/,
    'The password of the account has expired. Have the user set a new one and sign in again.',
  ],
  [
    /AADSTS50105\b/,
    'The app requires assignment: assign it to the account under "Enterprise applications", or switch "Assignment required" off.',
  ],
  [
    /AADSTS(?:70000|9002313)\b/,
    'The refresh token is damaged or belongs to another app. Check that all of it was copied, and that clientId is the app that it was issued to.',
  ],
  // Google
  [
    /invalid_rapt/,
    'The Google session policy of the organization asks the user to sign in again. Use a service account, or have an administrator mark the app as trusted and exempt it from reauthentication.',
  ],
  [
    /Token has been expired or revoked/i,
    'The refresh token is no longer valid. While the consent screen of the app is in "Testing", tokens last 7 days: publish the app. A changed password and a withdrawn access end them too. Then sign in again for a new one.',
  ],
  [
    /unauthorized to retrieve access tokens|not authorized for any of the scopes|Requested client not authorized/i,
    'Domain-wide delegation is missing. In the Google Admin console, under Security, API controls, Domain-wide delegation, add the client ID of the service account with the scope that is asked for: https://mail.google.com/ for SMTP, https://www.googleapis.com/auth/gmail.send for gmail(). It can take some minutes.',
  ],
  [
    /Invalid JWT Signature/i,
    'Google does not know this key. It was deleted, or it belongs to another service account: create a new key and use its file as it is.',
  ],
  [
    /Invalid JWT/i,
    'Check the clock of this machine: the signed request seems to be too old or from the future.',
  ],
  [
    /email or User ID/i,
    'Check subject: it must be the address of a user of your Google Workspace, not an alias, a group or a private Gmail account.',
  ],
  [
    /account not found/i,
    'Google does not know the service account. Check client_email in the key file, and that the account still exists.',
  ],
  [
    /org_internal/,
    'The consent screen of the app is "Internal": only accounts of its own organization can use it.',
  ],
  [
    /admin_policy_enforced/,
    'A policy of the Google Workspace blocks this app. An administrator can allow it under Security, API controls, App access control.',
  ],
  [
    /deleted_client|disabled_client/,
    'The OAuth client was deleted or disabled in the Google Cloud console. Create a new one, and sign in again with it.',
  ],
  // Anybody: RFC 6749 section 5.2
  [
    /^invalid_grant\b/,
    'The refresh token or the signed request is no longer valid. Have the user sign in again for a new refresh token, and check that it belongs to this clientId.',
  ],
  [
    /^invalid_client\b/,
    'Check clientId and clientSecret: they must belong together, and the secret must not have expired.',
  ],
  [
    /^unauthorized_client\b/,
    'The app is not allowed to get tokens in this way. Allow this grant in its registration at the provider.',
  ],
  [
    /^invalid_scope\b/,
    "Check scope: write it as the provider's documentation does, and check that the app has the permission.",
  ],
  [
    /^unsupported_grant_type\b/,
    'The provider does not offer this way to get a token. Check the address of the token server.',
  ],
  [/^access_denied\b/, 'The user or an administrator denied the access. Have them allow it at the provider.'],
]

const NO_TOKEN_SERVER =
  'Check the address of the token server: what answers there is not one, or a proxy or a firewall answers in its place.'
const OTHERWISE =
  'Look up the error in the documentation of the provider. Trying again will fail the same way.'
const LATER = 'The provider has a problem at the moment, or got too many requests. Try again later.'

/** Codes of errors that pass by themselves, whatever the HTTP status is. */
const PASSING =
  /^(?:temporarily_unavailable|server_error|slow_down)\b|AADSTS(?:50033|50087|50196|70012|90006|90012|90024|90033|90055|90090)\b/

/** @param said the error code, the provider's own code and the description */
export function isPassing(said: string | undefined): boolean {
  return said !== undefined && PASSING.test(said)
}

export function remedyFor(said: string | undefined, isTransient: boolean): string {
  if (isTransient) return LATER
  if (said === undefined) return NO_TOKEN_SERVER
  const [, known] = REMEDIES.find(([pattern]) => pattern.test(said)) ?? []
  return known ?? OTHERWISE
}
