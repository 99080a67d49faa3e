import { gmail } from '../../src/gmail/index.ts'
import {
  asksForTokens,
  keepsTheContract,
  losesAnswers,
  playsEveryFailure,
  verifies,
  type Subject,
} from '../mailbox-suites.ts'
import { messageTo } from '../suites.ts'

const subject: Subject = {
  name: 'gmail',
  create: (options) => gmail(options),
  large: messageTo({ text: 'tea '.repeat(4_000_000) }),
}

playsEveryFailure(subject)
losesAnswers(subject)
asksForTokens(subject)
verifies(subject)
keepsTheContract(subject)
