import type { DkimSigner } from '@loudmail/mime'
import { configError } from '@loudmail/core/transport'
import type { MimeOptions } from '../api/mime-body.ts'

/** SES writes these anew, so a signature must not cover them. */
const REPLACED = /^(?:date|message-id|return-path|bounces-to)[\t ]*:/i
const COVERS_REPLACED = /[:=]\s*(?:date|message-id|return-path|bounces-to)\s*[:;]/i

/**
 * The signer, which gets none of the fields that SES writes anew.
 *
 * @throws MailError `config/invalid-config` if there are several: SES takes DKIM-Signature once
 * @see https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-manual.html
 * @see https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
 */
export function sesSigner(dkim: MimeOptions['dkim']): DkimSigner | undefined {
  const [signer, ...others] = [dkim ?? []].flat()
  if (others.length > 0)
    throw configError('ses() dkim must be one signer: Amazon SES takes a message with one DKIM-Signature')
  return signer && withoutReplaced(signer)
}

function withoutReplaced(signer: DkimSigner): DkimSigner {
  return {
    sign({ fields, bodyHash }) {
      const signature = signer.sign({ fields: fields.filter((field) => !REPLACED.test(field)), bodyHash })
      const [covered = ''] = /\bh=[^;]*;/.exec(signature) ?? []
      if (COVERS_REPLACED.test(covered))
        throw configError(
          'ses() dkim must not sign Date, Message-ID, Return-Path or Bounces-To, which Amazon SES writes anew: leave them out of `headers` of dkimSigner()',
        )
      return signature
    },
  }
}
